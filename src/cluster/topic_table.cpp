#include "cluster/topic_table.h"

#include <algorithm>

#include "cluster/image.h"
#include "cluster/topic_names.h"

namespace barnabas::cluster {
namespace {

const topic_table::topic_ptr nothing;

std::string_view name_of(const topic_table::topic_ptr& topic) {
  return topic->name;
}
const uuid& id_of(const topic_table::topic_ptr& topic) {
  return topic->id;
}

// FNV-1a with '.' read as '_', so that names that collide share a bucket.
std::size_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c == '.' ? '_' : c)) * 16777619U;
  }
  return hash ^ (hash >> 16);
}

// Copies the bucket with the topic in it; true when it was not there before.
template <class Bucket, class Key, class KeyOf>
bool put_into(std::shared_ptr<const Bucket>& bucket, const topic_table::topic_ptr& topic,
              const Key& key, KeyOf key_of) {
  auto copy = bucket ? std::make_shared<Bucket>(*bucket) : std::make_shared<Bucket>();
  const auto at = std::ranges::lower_bound(*copy, key, {}, key_of);
  const bool is_new = at == copy->end() || key_of(*at) != key;
  if (is_new) {
    copy->insert(at, topic);
  } else {
    *at = topic;
  }
  bucket = std::move(copy);
  return is_new;
}

template <class Bucket, class Key, class KeyOf>
void remove_from(std::shared_ptr<const Bucket>& bucket, const Key& key, KeyOf key_of) {
  auto copy = std::make_shared<Bucket>(*bucket);
  copy->erase(std::ranges::lower_bound(*copy, key, {}, key_of));
  bucket = std::move(copy);
}

template <class Bucket, class Key, class KeyOf>
const topic_table::topic_ptr& find_in(const std::shared_ptr<const Bucket>& bucket, const Key& key,
                                      KeyOf key_of) {
  if (!bucket) {
    return nothing;
  }
  const auto at = std::ranges::lower_bound(*bucket, key, {}, key_of);
  return at == bucket->end() || key_of(*at) != key ? nothing : *at;
}

}  // namespace

std::size_t topic_table::bucket_of(std::string_view name) {
  return hash_of(name) % bucket_count;
}
std::size_t topic_table::bucket_of(const uuid& id) {
  // Some bits of an id are the same in all (RFC 9562), so all bits are mixed into those that count.
  static_assert(bucket_count == 256);
  std::uint64_t mixed = std::hash<uuid>{}(id);
  mixed = (mixed ^ (mixed >> 32)) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(mixed >> 56);
}

const topic_table::topic_ptr& topic_table::find(std::string_view name) const {
  return find_in(by_name_[bucket_of(name)], name, name_of);
}

const topic_table::topic_ptr& topic_table::find(const uuid& id) const {
  return find_in(by_id_[bucket_of(id)], id, id_of);
}

const topic_table::topic_ptr& topic_table::find_colliding(std::string_view name) const {
  const auto& bucket = by_name_[bucket_of(name)];
  if (!bucket || name.find_first_of("._") == std::string_view::npos) {
    return nothing;
  }
  const std::string form = colliding_form(name);
  const auto at = std::ranges::find_if(*bucket, [&](const topic_ptr& topic) {
    return topic->name.size() == name.size() && topic->name != name &&
           colliding_form(topic->name) == form;
  });
  return at == bucket->end() ? nothing : *at;
}

std::vector<topic_table::topic_ptr> topic_table::all() const {
  std::vector<topic_ptr> topics;
  topics.reserve(size_);
  for (const auto& bucket : by_name_) {
    if (bucket) {
      topics.insert(topics.end(), bucket->begin(), bucket->end());
    }
  }
  std::ranges::sort(topics, {}, name_of);
  return topics;
}

void topic_table::put(const topic_ptr& topic) {
  if (const topic_ptr& former = find(topic->name); former && former->id != topic->id) {
    remove_from(by_id_[bucket_of(former->id)], former->id, id_of);
  }
  const std::string_view name = topic->name;
  if (put_into(by_name_[bucket_of(name)], topic, name, name_of)) {
    ++size_;
  }
  put_into(by_id_[bucket_of(topic->id)], topic, topic->id, id_of);
}

void topic_table::remove(std::string_view name) {
  const topic_ptr topic = find(name);
  if (topic) {
    remove_from(by_id_[bucket_of(topic->id)], topic->id, id_of);
    remove_from(by_name_[bucket_of(name)], std::string_view(topic->name), name_of);
    --size_;
  }
}

}  // namespace barnabas::cluster
