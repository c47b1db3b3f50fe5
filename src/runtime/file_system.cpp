#include "runtime/file_system.h"

#include <filesystem>

namespace barnabas::runtime {

result<std::string> file_system::read_text(const std::string& path, std::int64_t limit_bytes) {
  const auto opened = open(path, open_mode::read);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  const auto size = (*opened)->size();
  if (!size) {
    return std::unexpected(size.error());
  }
  if (*size > limit_bytes) {
    return fail(error_code::kafka_storage_error,
                "reading " + path + ": it has " + std::to_string(*size) +
                    " bytes, over the limit of " + std::to_string(limit_bytes));
  }
  std::string text(static_cast<std::size_t>(*size), '\0');
  const auto got = (*opened)->read_at(std::as_writable_bytes(std::span(text)), 0);
  if (!got) {
    return std::unexpected(got.error());
  }
  text.resize(*got);
  return text;
}

namespace {

result<> write_all(file_system& files, const std::string& path, std::string_view text) {
  const auto opened = files.open(path, open_mode::create);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  file& target = **opened;
  if (auto emptied = target.truncate(0); !emptied) {
    return emptied;
  }
  if (auto written = target.write_at(as_bytes(text), 0); !written) {
    return written;
  }
  return target.sync();
}

}  // namespace

result<> file_system::replace_text(const std::string& path, std::string_view text) {
  const std::string beside = path + ".tmp";
  if (auto written = write_all(*this, beside, text); !written) {
    return written;
  }
  if (auto renamed = rename(beside, path); !renamed) {
    return renamed;
  }
  return sync_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace barnabas::runtime
