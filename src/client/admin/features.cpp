#include "client/admin/cluster_calls.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"

namespace barnabas::client {
namespace {

// What ApiVersions says of features came with version 3.
constexpr std::int16_t first_with_features = 3;
// UpdateFeatures can validate and name the kind of change since then; before it says whether a
// downgrade is allowed.
constexpr std::int16_t first_with_upgrade_type = 1;

}  // namespace

answer_to<kafka::feature_description> describe_features(cluster& cluster) {
  auto call = call_of_one<protocol::api_versions_request, protocol::api_versions_response,
                          kafka::feature_description>(to_any_broker);
  call.lowest = first_with_features;
  call.request = [](const auto&, const request_terms&) {
    protocol::api_versions_request request;
    request.client_software_name = "barnabas";
    request.client_software_version = "admin";
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    kafka::feature_description described{.epoch = said.finalized_features_epoch};
    for (const auto& feature : said.supported_features) {
      described.supported[std::string(feature.name)] = {feature.min_version, feature.max_version};
    }
    for (const auto& feature : said.finalized_features) {
      described.finalized[std::string(feature.name)] = {feature.min_version_level,
                                                        feature.max_version_level};
    }
    told.tell_only(std::move(described));
  };
  return ask_one(cluster, std::move(call));
}

answer_to<kafka::each<std::string>> update_features(
    cluster& cluster, const std::map<std::string, kafka::feature_update>& updates,
    bool validates_only) {
  call_about<protocol::update_features_request, protocol::update_features_response, std::string>
      call{.keys = keys_of(updates), .route = to_controller};
  call.lowest = validates_only ? first_with_upgrade_type : 0;
  call.request = [&updates, validates_only](const std::vector<std::string>& some,
                                            const request_terms& terms) {
    protocol::update_features_request request;
    request.timeout_ms = terms.timeout_ms;
    request.validate_only = validates_only;
    for (const std::string& name : some) {
      const kafka::feature_update& wanted = updates.at(name);
      auto& asked = request.feature_updates.emplace_back();
      asked.feature = name;
      asked.max_version_level = wanted.max_version;
      if (terms.version >= first_with_upgrade_type) {
        asked.upgrade_type = static_cast<std::int8_t>(wanted.change);
      } else {
        asked.allow_downgrade = wanted.change != kafka::feature_change::upgrade;
      }
    }
    return request;
  };
  call.read = [](const auto& said, auto& told) {
    for (const auto& result : said.results) {
      told.tell(result.feature, outcome_of(result));
    }
    if (said.results.empty()) {  // since version 2: all of them, or an error
      for (const std::string& name : told.asked()) {
        told.tell(name, kafka::result<>());
      }
    }
  };
  return ask_each(cluster, std::move(call));
}

}  // namespace barnabas::client
