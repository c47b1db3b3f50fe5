#include "runtime/file_system.h"

#include <errno.h>
#include <stdlib.h>

#include <filesystem>

#include "runtime/tests/in_real_world.h"

namespace barnabas::runtime {
namespace {

class real_files : public testing::Test {
 protected:
  real_files() : world({.shards = 1}), files(world.files()) {
    char name[] = "/tmp/barnabas-files-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~real_files() override { std::filesystem::remove_all(folder); }

  std::string at(const std::string& name) const { return folder + '/' + name; }
  std::string text_of(const file& source, std::int64_t offset, std::size_t length) {
    std::string text(length, '?');
    text.resize(source.read_at(std::as_writable_bytes(std::span(text)), offset).value());
    return text;
  }

  real_world world;
  file_system& files;
  std::string folder;
};

TEST_F(real_files, write_and_read_at_offsets) {
  const auto opened = files.open(at("a"), open_mode::create).value();
  std::vector<bytes_view> parts{as_bytes("hel"), as_bytes(""), as_bytes("lo")};
  ASSERT_TRUE(opened->write_at(parts, 2));
  EXPECT_EQ(opened->size(), 7);
  EXPECT_EQ(text_of(*opened, 0, 100), std::string("\0\0hello", 7));
  EXPECT_EQ(text_of(*opened, 4, 2), "ll");
  EXPECT_EQ(text_of(*opened, 7, 2), "");
  std::string warm(3, '?');
  const auto got = opened->read_at_if_cached(std::as_writable_bytes(std::span(warm)), 2).value();
  EXPECT_TRUE(!got || (*got == 3 && warm == "hel"));
  EXPECT_TRUE(opened->sync());
  EXPECT_GE(opened->descriptor(), 0);
}

TEST_F(real_files, what_lies_in_memory_is_cached) {
  const std::string path = "/dev/shm/" + std::filesystem::path(folder).filename().string();
  const auto opened = files.open(path, open_mode::create).value();
  EXPECT_TRUE(files.remove(path));
  ASSERT_TRUE(opened->write_at(as_bytes("hello"), 0));
  std::string text(5, '?');
  EXPECT_EQ(opened->read_at_if_cached(std::as_writable_bytes(std::span(text)), 0).value(), 5U);
  EXPECT_EQ(text, "hello");
}

TEST_F(real_files, a_thousand_parts_in_one_write) {
  const auto opened = files.open(at("a"), open_mode::create).value();
  const std::vector<bytes_view> parts(1000, as_bytes("abc"));
  ASSERT_TRUE(opened->write_at(parts, 0));
  EXPECT_EQ(opened->size(), 3000);
  EXPECT_EQ(text_of(*opened, 2997, 3), "abc");
}

TEST_F(real_files, truncate_reserve_and_map) {
  const auto opened = files.open(at("a"), open_mode::create).value();
  ASSERT_TRUE(opened->reserve(1 << 20));
  EXPECT_EQ(opened->size(), 0);
  ASSERT_TRUE(opened->write_at(as_bytes("0123456789"), 0));
  ASSERT_TRUE(opened->truncate(6));
  EXPECT_EQ(opened->size(), 6);
  const shared_bytes view = opened->map(6).value();
  EXPECT_EQ(as_text(view.view()), "012345");
  ASSERT_TRUE(opened->write_at(as_bytes("x"), 1));
  EXPECT_EQ(as_text(view.view()), "0x2345");
  ASSERT_TRUE(files.remove(at("a")));
  EXPECT_EQ(as_text(view.slice(1, 2).view()), "x2");
  EXPECT_TRUE(opened->map(0).value().empty());
}

TEST_F(real_files, modes_of_opening) {
  EXPECT_EQ(files.open(at("a"), open_mode::read).error().system_error, ENOENT);
  EXPECT_EQ(files.open(at("a"), open_mode::read_write).error().system_error, ENOENT);
  ASSERT_TRUE(files.open(at("a"), open_mode::create_exclusive));
  EXPECT_EQ(files.open(at("a"), open_mode::create_exclusive).error().system_error, EEXIST);
  const auto read_only = files.open(at("a"), open_mode::read).value();
  const auto refused = read_only->write_at(as_bytes("x"), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::kafka_storage_error);
  EXPECT_NE(refused.error().message.find("writing " + at("a")), std::string::npos);
}

TEST_F(real_files, folders) {
  ASSERT_TRUE(files.create_folder(at("x/y/z")));
  ASSERT_TRUE(files.create_folder(at("x/y/z")));
  ASSERT_TRUE(files.open(at("x/f"), open_mode::create));
  auto entries = files.list(at("x")).value();
  std::ranges::sort(entries, {}, &directory_entry::name);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "f");
  EXPECT_FALSE(entries[0].is_directory);
  EXPECT_EQ(entries[1].name, "y");
  EXPECT_TRUE(entries[1].is_directory);
  ASSERT_TRUE(files.rename(at("x/f"), at("x/y/g")));
  EXPECT_TRUE(files.sync_folder(at("x")));
  EXPECT_TRUE(files.exists(at("x/y/g")));
  EXPECT_FALSE(files.exists(at("x/f")));
  EXPECT_TRUE(files.remove(at("x/f"))) << "not there is a success";
  ASSERT_TRUE(files.remove_folder(at("x")));
  EXPECT_FALSE(files.exists(at("x")));
  EXPECT_TRUE(files.remove_folder(at("x")));
  EXPECT_TRUE(files.sync_file_system(folder));
  EXPECT_EQ(files.absolute(folder + "/a/../x/"), at("x"));
  EXPECT_TRUE(files.absolute("x").starts_with('/'));
  const auto space = files.space_of(folder);
  EXPECT_GT(space->usable_bytes, 0);
  EXPECT_GE(space->total_bytes, space->usable_bytes);
}

TEST_F(real_files, errors_name_the_operation_and_the_path) {
  const auto listed = files.list(at("none"));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().system_error, ENOENT);
  EXPECT_EQ(listed.error().message, "listing " + at("none") + ": No such file or directory");
  EXPECT_EQ(files.rename(at("none"), at("b")).error().system_error, ENOENT);
  EXPECT_EQ(files.sync_folder(at("none")).error().system_error, ENOENT);
  EXPECT_EQ(files.sync_file_system(at("none")).error().system_error, ENOENT);
  EXPECT_EQ(files.space_of(at("none")).error().system_error, ENOENT);
  ASSERT_TRUE(files.open(at("f"), open_mode::create));
  EXPECT_EQ(files.create_folder(at("f/x")).error().system_error, ENOTDIR);
}

TEST_F(real_files, a_full_disk_is_an_error) {
  const auto full = files.open("/dev/full", open_mode::read_write).value();
  EXPECT_EQ(full->write_at(as_bytes("x"), 0).error().system_error, ENOSPC);
}

TEST_F(real_files, a_lock_is_exclusive_also_in_one_process) {
  auto first = files.lock(at(".lock")).value();
  EXPECT_FALSE(files.lock(at(".lock")));
  first.reset();
  EXPECT_TRUE(files.lock(at(".lock")));
}

TEST_F(real_files, text_is_replaced_whole) {
  ASSERT_TRUE(files.replace_text(at("t"), "first"));
  ASSERT_TRUE(files.replace_text(at("t"), "2nd"));
  EXPECT_EQ(files.read_text(at("t")), "2nd");
  EXPECT_FALSE(files.read_text(at("t"), 2));
  EXPECT_FALSE(files.read_text(at("none")));
  EXPECT_FALSE(files.exists(at("t.tmp")));
}

}  // namespace
}  // namespace barnabas::runtime
