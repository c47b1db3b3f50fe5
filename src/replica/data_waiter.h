// Somebody who wants to know when a partition has more to read: a fetch that waits for data. Lives
// on the partition's shard; destroying it takes it out. No memory but its own, and no timer.
#pragma once

namespace barnabas::replica {

class data_waiter {
 public:
  data_waiter() = default;
  data_waiter(const data_waiter&) = delete;
  data_waiter& operator=(const data_waiter&) = delete;
  virtual ~data_waiter() { unlink(); }

  // The end of what can be read has moved, or the partition was closed or changed its leader. Must
  // not destroy any waiter nor suspend.
  virtual void data_arrived() = 0;

 protected:
  void unlink() {
    if (previous_ != nullptr) {
      previous_->next_ = next_;
    }
    if (next_ != nullptr) {
      next_->previous_ = previous_;
    }
    next_ = previous_ = nullptr;
  }

 private:
  friend class data_waiters;
  data_waiter* next_ = nullptr;
  data_waiter* previous_ = nullptr;
};

// The waiters of one partition; those left when it goes are forgotten.
class data_waiters {
 public:
  data_waiters() = default;
  ~data_waiters() {
    while (head_.next_ != nullptr) {
      head_.next_->unlink();
    }
  }
  void add(data_waiter& waiter) {
    waiter.unlink();
    waiter.next_ = head_.next_;
    waiter.previous_ = &head_;
    if (head_.next_ != nullptr) {
      head_.next_->previous_ = &waiter;
    }
    head_.next_ = &waiter;
  }
  void notify() {
    for (data_waiter* waiter = head_.next_; waiter != nullptr;) {
      data_waiter* next = waiter->next_;
      waiter->data_arrived();
      waiter = next;
    }
  }
  bool empty() const { return head_.next_ == nullptr; }

 private:
  struct head final : data_waiter {
    void data_arrived() override {}
  } head_;
};

}  // namespace barnabas::replica
