// A consumer's standing in its group: the broker that coordinates the group, and who the consumer
// is there. Lives on one shard, as long as its cluster. Without a membership (a consumer that is
// told its partitions) the generation is -1 and the member id empty, as commits then say.
#pragma once

#include <string>

#include "client/coordinator.h"

namespace barnabas::client {

class group_session : public coordinator {
 public:
  struct identity {
    std::string group;
    std::string member_id;
    std::string instance_id;  // empty: no static member
    std::int32_t generation = -1;
  };

  group_session(cluster& cluster, std::string group, std::string instance)
      : coordinator(cluster, key_type::group, group),
        me_{.group = std::move(group), .instance_id = std::move(instance)} {}

  const identity& me() const { return me_; }
  bool is_member() const { return me_.generation >= 0; }
  void set_member_id(std::string_view id) { me_.member_id = id; }
  void set_generation(std::int32_t generation) { me_.generation = generation; }

 private:
  identity me_;
};

}  // namespace barnabas::client
