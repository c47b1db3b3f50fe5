// Runs a coroutine against each implementation of the store, in a small real world.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <string>

#include "metastore/embedded_store.h"
#include "metastore/memory_store.h"
#include "runtime/real_world.h"

namespace barnabas::metastore {

class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "metastore-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline runtime::task<int> zero_after(runtime::task<> work) {
  co_await std::move(work);
  co_return 0;
}

inline void in_world(const std::function<runtime::task<>()>& make) {
  runtime::real_world world({.shards = 1, .file_threads = 2, .pin_threads = false});
  EXPECT_EQ(world.run(zero_after(make())), 0);
}

inline runtime::task<> with_embedded(std::string folder,
                                     std::function<runtime::task<>(store&)> work) {
  auto opened = co_await embedded_store::open(folder);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
  if (opened) {
    co_await work(**opened);
    co_await (*opened)->close();
  }
}

// `work` is a plain coroutine function.
inline void with_store(const std::string& kind,
                       const std::function<runtime::task<>(store&)>& work) {
  if (kind == "memory") {
    memory_store memory;
    in_world([&] { return work(memory); });
  } else {
    const temporary_folder folder;
    in_world([&] { return with_embedded(folder.path(), work); });
  }
}

inline runtime::task<std::unique_ptr<session>> connected(store& store) {
  auto session = co_await store.connect(std::chrono::seconds(6));
  co_return std::move(session.value());
}

}  // namespace barnabas::metastore
