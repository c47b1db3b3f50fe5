#include "metastore/detail/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace barnabas::metastore::detail {
namespace {

// In PRAGMA user_version; 0 is a file that has just been made.
constexpr int format_version = 1;

// WAL and FULL: a commit is one append and one fsync, and holds after a loss of power. With
// exclusive locking no shared memory file is needed, and a second process is refused.
constexpr const char* settings =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA "
    "cache_size=-256;"
    "PRAGMA temp_store=MEMORY;";
constexpr const char* make_table =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS node(path TEXT PRIMARY KEY, data BLOB NOT NULL, created_zxid "
    "INTEGER NOT NULL,"
    " modified_zxid INTEGER NOT NULL, children_modified_zxid INTEGER NOT NULL, created_ms INTEGER "
    "NOT NULL,"
    " modified_ms INTEGER NOT NULL, version INTEGER NOT NULL, children_version INTEGER NOT NULL,"
    " ephemeral_owner INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;"
    "COMMIT;";

std::string text_of(sqlite3_stmt* row, int column) {
  const void* bytes = sqlite3_column_blob(row, column);
  const int size_bytes = sqlite3_column_bytes(row, column);
  return bytes ? std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size_bytes))
               : std::string();
}

node_value value_of(sqlite3_stmt* row) {
  return {text_of(row, 1),
          {.created_zxid = sqlite3_column_int64(row, 2),
           .modified_zxid = sqlite3_column_int64(row, 3),
           .children_modified_zxid = sqlite3_column_int64(row, 4),
           .created_ms = sqlite3_column_int64(row, 5),
           .modified_ms = sqlite3_column_int64(row, 6),
           .version = sqlite3_column_int(row, 7),
           .children_version = sqlite3_column_int(row, 8),
           .ephemeral_owner = sqlite3_column_int64(row, 9)}};
}

void bind_text(sqlite3_stmt* to, int index, const std::string& text) {
  sqlite3_bind_text64(to, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

}  // namespace

void database::close_database::operator()(sqlite3* database) const {
  sqlite3_close(database);
}
void database::finish_statement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

database::~database() = default;

std::unexpected<error> database::failed(int code) const {
  const int primary = code & 0xff;
  std::string what = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    what = "another process holds it";
  }
  const int system_error = database_ ? sqlite3_system_errno(database_.get()) : 0;
  return std::unexpected(
      error{error_code::kafka_storage_error, fmt::format("{}: {}", path_, what), system_error});
}

result<std::unique_ptr<database>> database::open(const std::string& path) {
  std::unique_ptr<database> file(new database(path));
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  file->database_.reset(database);
  if (code != SQLITE_OK) {
    return file->failed(code);
  }
  if (auto ready = file->prepare(); !ready) {
    return std::unexpected(std::move(ready.error()));
  }
  return file;
}

result<> database::prepare() {
  sqlite3_extended_result_codes(database_.get(), 1);
  if (auto done = run(settings); !done) {
    return done;
  }
  auto question = compile("PRAGMA user_version");
  if (!question) {
    return std::unexpected(std::move(question.error()));
  }
  const int code = sqlite3_step(question->get());
  if (code != SQLITE_ROW) {
    return failed(code);
  }
  const int version = sqlite3_column_int(question->get(), 0);
  question->reset();
  if (version > format_version) {
    return fail(error_code::kafka_storage_error,
                fmt::format("{}: made by a newer version (format {}, this one knows {})", path_,
                            version, format_version));
  }
  if (version == 0) {
    if (auto done = run(make_table); !done) {
      return done;
    }
  }
  auto put = compile("INSERT OR REPLACE INTO node VALUES(?,?,?,?,?,?,?,?,?,?)");
  auto remove = compile("DELETE FROM node WHERE path=?");
  if (!put || !remove) {
    return std::unexpected(std::move((put ? remove : put).error()));
  }
  put_ = std::move(*put);
  remove_ = std::move(*remove);
  return {};
}

result<> database::run(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? result<>{} : failed(code);
}

result<database::statement> database::compile(const char* sql) {
  sqlite3_stmt* compiled = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql, -1, &compiled, nullptr);
  if (code != SQLITE_OK) {
    return failed(code);
  }
  return statement(compiled);
}

result<tree> database::load() {
  // In this order a parent comes before its children.
  auto rows = compile("SELECT * FROM node ORDER BY path");
  if (!rows) {
    return std::unexpected(std::move(rows.error()));
  }
  tree content;
  int code = sqlite3_step(rows->get());
  for (; code == SQLITE_ROW; code = sqlite3_step(rows->get())) {
    const std::string path = text_of(rows->get(), 0);
    if (!content.load(path, value_of(rows->get()))) {
      return fail(error_code::kafka_storage_error,
                  fmt::format("{}: node {} has no parent", path_, path));
    }
  }
  if (code != SQLITE_DONE) {
    return failed(code);
  }
  return content;
}

result<> database::write(const std::vector<node_change>& changes) {
  auto outcome = run("BEGIN IMMEDIATE");
  if (!outcome) {
    return outcome;
  }
  for (const node_change& change : changes) {
    if (outcome = write_one(change); !outcome) {
      break;
    }
  }
  if (outcome) {
    outcome = run("COMMIT");
  }
  if (!outcome && sqlite3_get_autocommit(database_.get()) == 0) {
    (void)run("ROLLBACK");
  }
  return outcome;
}

result<> database::write_one(const node_change& change) {
  if (!change.after) {
    bind_text(remove_.get(), 1, change.path);
    return step(remove_.get());
  }
  sqlite3_stmt* put = put_.get();
  const node_value& value = *change.after;
  bind_text(put, 1, change.path);
  // A null pointer would be taken for NULL, so an empty text needs an address.
  sqlite3_bind_blob64(put, 2, value.data.empty() ? "" : value.data.data(), value.data.size(),
                      SQLITE_STATIC);
  const node_stat& stat = value.stat;
  int column = 3;
  for (const std::int64_t number :
       {stat.created_zxid, stat.modified_zxid, stat.children_modified_zxid, stat.created_ms,
        stat.modified_ms, std::int64_t{stat.version}, std::int64_t{stat.children_version},
        stat.ephemeral_owner}) {
    sqlite3_bind_int64(put, column++, number);
  }
  return step(put);
}

result<> database::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  auto outcome = code == SQLITE_DONE ? result<>{} : failed(code);
  sqlite3_reset(statement);
  return outcome;
}

}  // namespace barnabas::metastore::detail
