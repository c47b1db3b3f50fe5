// All topics by name and by id. A value: a copy costs some hundred pointers whatever it holds,
// because copies share the buckets that did not change, so that one change among 100,000 topics
// copies two buckets.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace barnabas::cluster {

struct topic;

class topic_table {
 public:
  using topic_ptr = std::shared_ptr<const topic>;

  // Null when there is none.
  const topic_ptr& find(std::string_view name) const;
  const topic_ptr& find(const uuid& id) const;
  // A topic of another name that collides with this one (cluster/topic_names.h).
  const topic_ptr& find_colliding(std::string_view name) const;
  std::size_t size() const { return size_; }
  // In the order of names.
  std::vector<topic_ptr> all() const;

  // Adds the topic or replaces the one of its name.
  void put(const topic_ptr& topic);
  void remove(std::string_view name);

 private:
  static constexpr std::size_t bucket_count = 256;
  using bucket = std::vector<topic_ptr>;
  using buckets = std::array<std::shared_ptr<const bucket>, bucket_count>;

  static std::size_t bucket_of(std::string_view name);
  static std::size_t bucket_of(const uuid& id);

  buckets by_name_;  // each sorted by name
  buckets by_id_;    // each sorted by id
  std::size_t size_ = 0;
};

}  // namespace barnabas::cluster
