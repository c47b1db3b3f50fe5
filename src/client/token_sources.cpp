#include "client/token_sources.h"

#include <map>

#include "runtime/outside.h"

namespace barnabas::client {
namespace {

struct named_sources {
  runtime::lock guard;
  std::map<std::string, kafka::token_source> sources;
};
named_sources& all() {
  static named_sources it;
  return it;
}

}  // namespace

std::optional<kafka::token_source> find_token_source(const std::string& name) {
  const runtime::lock_holder held(all().guard);
  const auto found = all().sources.find(name);
  return found == all().sources.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace barnabas::client

namespace barnabas::kafka {

void set_token_source(const std::string& name, token_source source) {
  client::named_sources& known = client::all();
  const runtime::lock_holder held(known.guard);
  known.sources[name] = std::move(source);
}

}  // namespace barnabas::kafka
