// A store in one SQLite file, for a broker that stands alone. What an operation answered survives a
// loss of power. The tree is held in memory, so reads do not touch the disk; writes of one moment
// share one commit on a file thread. Sessions end with the process: opening the file drops the
// ephemeral nodes of earlier ones. One process at a time.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "metastore/store.h"

namespace barnabas::metastore {

class embedded_store final : public store {
 public:
  // Opens or makes `folder`/metadata.db; the folder exists. Errors name the file: held by another
  // process, not a database, made by a newer version, no permission.
  static runtime::task<result<std::unique_ptr<embedded_store>>> open(std::string folder);
  ~embedded_store() override;

  runtime::task<store_result<std::unique_ptr<session>>> connect(runtime::duration timeout) override;
  // Waits for commits that are under way and closes the file. Sessions are closed before.
  runtime::task<> close();

 private:
  struct state;
  explicit embedded_store(std::shared_ptr<state> state);
  std::shared_ptr<state> state_;
};

}  // namespace barnabas::metastore
