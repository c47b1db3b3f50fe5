#include "broker/api_adaptor.h"
#include "broker/api_table.h"
#include "broker/handlers/api_versions.h"
#include "broker/services.h"

namespace barnabas::broker {
namespace {

using protocol::api_key;

runtime::task<started_request> api_versions(services& s, request r) {
  return one_phase<protocol::api_versions_request>(
      std::move(r), [&s](const request& r, const protocol::api_versions_request& message) {
        return handlers::api_versions(*s.apis, r, message);
      });
}

}  // namespace

const api_table& all_apis() {
  static const api_table table({
      {api_key::api_versions, 0, 4, api_versions},
  });
  return table;
}

}  // namespace barnabas::broker
