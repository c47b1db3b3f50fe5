// The file of an embedded store: one table, a row a node. The only place that knows SQLite. Used by
// one thread at a time; every call may block.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "metastore/detail/journal.h"
#include "metastore/detail/tree.h"

struct sqlite3;
struct sqlite3_stmt;

namespace barnabas::metastore::detail {

class database final : public journal {
 public:
  // Opens or makes the file, and holds it against other processes.
  static result<std::unique_ptr<database>> open(const std::string& path);
  ~database() override;

  result<tree> load();
  result<> write(const std::vector<node_change>& changes) override;

 private:
  struct close_database {
    void operator()(sqlite3* database) const;
  };
  struct finish_statement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using statement = std::unique_ptr<sqlite3_stmt, finish_statement>;

  explicit database(std::string path) : path_(std::move(path)) {}
  result<> prepare();
  result<> run(const char* sql);
  result<statement> compile(const char* sql);
  result<> step(sqlite3_stmt* statement);
  result<> write_one(const node_change& change);
  std::unexpected<error> failed(int code) const;

  std::string path_;
  std::unique_ptr<sqlite3, close_database> database_;
  statement put_;
  statement remove_;
};

}  // namespace barnabas::metastore::detail
