// A response with what it points to. Strings of a generated message are views; a response that is
// made of the metadata image, or of texts that a handler has composed, keeps their owner until it
// has been encoded.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace barnabas::broker {

template <class Message>
struct owned_response {
  Message message;
  std::shared_ptr<const void> keeps;  // may be null
};

// Texts that live until the response has gone, and whatever else must.
class response_texts {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

 private:
  std::deque<std::string> texts_;  // never moves its elements
  std::deque<std::shared_ptr<const void>> owners_;
};

}  // namespace barnabas::broker
