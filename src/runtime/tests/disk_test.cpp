// The disk of a simulated machine: what a crash keeps and loses, and faults.
#include "runtime/simulated/disk.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "runtime/simulated/simulation.h"

namespace barnabas::runtime::simulated {
namespace {

std::string text_of(disk& disk, const std::string& path) {
  return disk.read_text(path).value_or("(none)");
}

struct one_machine {
  explicit one_machine(std::uint64_t seed) : sim(seed), machine(sim.add_machine("a", 1)) {}
  simulation sim;
  simulated::machine& machine;
  disk& files = machine.disk();
};

TEST(disk, a_process_crash_keeps_what_was_written) {
  one_machine a(1);
  const auto file = a.files.open("/data/f", open_mode::create).value();
  ASSERT_TRUE(file->write_at(as_bytes("hello"), 0));
  a.machine.crash(crash_kind::process);
  EXPECT_EQ(text_of(a.files, "/data/f"), "hello");
}

TEST(disk, a_synced_file_in_a_synced_folder_survives_and_an_unsynced_may_go) {
  int lost_names = 0;
  int lost_bytes = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    one_machine a(seed);
    const auto synced = a.files.open("/data/synced", open_mode::create).value();
    ASSERT_TRUE(synced->write_at(as_bytes("hello"), 0));
    ASSERT_TRUE(synced->sync());
    ASSERT_TRUE(a.files.sync_folder("/data"));
    ASSERT_TRUE(synced->write_at(as_bytes(" and more"), 5));
    ASSERT_TRUE(a.files.open("/data/unsynced", open_mode::create));
    a.machine.crash(crash_kind::power);
    const std::string left = text_of(a.files, "/data/synced");
    ASSERT_TRUE(left.starts_with("hello")) << left;
    lost_bytes += left != "hello and more";
    lost_names += !a.files.exists("/data/unsynced");
  }
  EXPECT_GT(lost_names, 20);
  EXPECT_LT(lost_names, 180);
  EXPECT_GT(lost_bytes, 20);
  EXPECT_LT(lost_bytes, 180);
}

TEST(disk, text_that_is_replaced_is_old_or_new_after_a_power_loss) {
  int old_text = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    one_machine a(seed);
    ASSERT_TRUE(a.files.replace_text("/data/t", "old"));
    const auto beside = a.files.open("/data/u", open_mode::create).value();
    ASSERT_TRUE(beside->write_at(as_bytes("new"), 0));
    ASSERT_TRUE(beside->sync());
    ASSERT_TRUE(a.files.rename("/data/u", "/data/t"));
    a.machine.crash(crash_kind::power);
    const std::string left = text_of(a.files, "/data/t");
    ASSERT_TRUE(left == "old" || left == "new") << left;
    old_text += left == "old";
  }
  EXPECT_GT(old_text, 20);
  EXPECT_LT(old_text, 180);
}

// What a file must still have, and what it may have, at every offset.
class file_model {
 public:
  file_model() = default;
  explicit file_model(const std::string& durable) : present_(durable) { sync(); }

  void write(std::int64_t offset, const std::string& bytes) {
    grow(offset + static_cast<std::int64_t>(bytes.size()));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      allow(static_cast<std::size_t>(offset) + i, bytes[i]);
    }
  }
  void truncate(std::int64_t size) {
    least_size_ = std::min(least_size_, size);
    grow(size);
    for (auto i = static_cast<std::size_t>(size); i < present_.size(); ++i) {
      allow(i, '\0');
    }
    present_.resize(static_cast<std::size_t>(size));
  }
  void sync() {
    allowed_.resize(present_.size());
    std::ranges::transform(present_, allowed_.begin(), bit_of);
    least_size_ = size();
    most_size_ = size();
  }
  std::int64_t size() const { return static_cast<std::int64_t>(present_.size()); }
  const std::string& present() const { return present_; }

  // Where nothing was ever durable there may be garbage.
  testing::AssertionResult may_be(const std::string& found, bool with_garbage) const {
    const auto length = static_cast<std::int64_t>(found.size());
    if (length < least_size_ || length > most_size_) {
      return testing::AssertionFailure()
             << "size " << length << " not in " << least_size_ << ".." << most_size_;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (with_garbage && static_cast<std::int64_t>(i) >= least_size_) {
        break;
      }
      if ((allowed_[i] & bit_of(found[i])) == 0) {
        return testing::AssertionFailure() << "byte " << i << " is " << int{found[i]};
      }
    }
    return testing::AssertionSuccess();
  }

 private:
  // Zeros and small letters have a bit each; garbage shares one.
  static std::uint32_t bit_of(char byte) {
    return byte == '\0' ? 1 : byte >= 'a' && byte <= 'z' ? 2u << (byte - 'a') : 1u << 31;
  }
  void grow(std::int64_t size) {
    if (size > this->size()) {
      present_.resize(static_cast<std::size_t>(size));
      allowed_.resize(std::max(present_.size(), allowed_.size()), bit_of('\0'));
      most_size_ = std::max(most_size_, size);
    }
  }
  void allow(std::size_t at, char byte) {
    if (at < present_.size()) {
      present_[at] = byte;
    }
    allowed_[at] |= bit_of(byte);
  }

  std::string present_;
  std::vector<std::uint32_t> allowed_;  // by bit_of()
  std::int64_t least_size_ = 0;
  std::int64_t most_size_ = 0;
};

void do_something(seeded_random& random, file& file, file_model& model) {
  const std::uint64_t what = random.below(10);
  if (what < 6) {
    const auto offset = random.between(0, std::min<std::int64_t>(model.size() + 2000, 20'000));
    const std::string bytes(1 + random.below(6000), static_cast<char>('a' + random.below(26)));
    ASSERT_TRUE(file.write_at(as_bytes(bytes), offset));
    model.write(offset, bytes);
  } else if (what < 8) {
    const auto size = random.between(0, model.size() + 1000);
    ASSERT_TRUE(file.truncate(size));
    model.truncate(size);
  } else if (what < 9) {
    ASSERT_TRUE(file.sync());
    model.sync();
  }
}

TEST(disk, a_power_loss_keeps_what_was_synced_and_makes_nothing_up) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const bool with_garbage = seed % 2 == 1;
    simulation sim(seed, {.garbage_probability = with_garbage ? 1.0 : 0.0});
    machine& a = sim.add_machine("a", 1);
    file_model model;
    auto file = a.disk().open("/data/f", open_mode::create).value();
    ASSERT_TRUE(a.disk().sync_folder("/data"));
    for (int crash = 0; crash < 3; ++crash) {
      for (auto left = sim.random().below(20); left > 0; --left) {
        do_something(sim.random(), *file, model);
      }
      ASSERT_EQ(text_of(a.disk(), "/data/f"), model.present()) << "seed " << seed;
      a.crash(crash_kind::power);
      const std::string found = text_of(a.disk(), "/data/f");
      ASSERT_TRUE(model.may_be(found, with_garbage)) << "seed " << seed << " crash " << crash;
      // What is there now is durable.
      model = file_model(found);
    }
  }
}

TEST(disk, a_mapping_shows_later_writes_also_when_the_file_has_outgrown_it) {
  one_machine a(1);
  const auto file = a.files.open("/data/f", open_mode::create).value();
  ASSERT_TRUE(file->truncate(8));
  const shared_bytes view = file->map(8).value();
  ASSERT_TRUE(file->write_at(as_bytes("abc"), 0));
  EXPECT_EQ(as_text(view.view()), std::string("abc\0\0\0\0\0", 8));
  ASSERT_TRUE(file->write_at(as_bytes(std::string(100'000, 'x')), 3));
  EXPECT_EQ(as_text(view.view()), "abcxxxxx");
  ASSERT_TRUE(file->write_at(as_bytes("y"), 0));
  EXPECT_EQ(as_text(view.view()), "ybcxxxxx");
}

TEST(disk, a_full_folder_takes_what_fits) {
  one_machine a(1);
  ASSERT_TRUE(a.files.create_folder("/data/x"));
  a.files.set_capacity("/data", 1000);
  const auto file = a.files.open("/data/x/f", open_mode::create).value();
  ASSERT_TRUE(file->write_at(as_bytes(std::string(900, 'a')), 0));
  EXPECT_EQ(a.files.space_of("/data/x")->usable_bytes, 100);
  EXPECT_EQ(a.files.space_of("/data/x")->total_bytes, 1000);
  EXPECT_EQ(file->reserve(2000).error().system_error, ENOSPC);
  const auto refused = file->write_at(as_bytes(std::string(200, 'b')), 900);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().system_error, ENOSPC);
  EXPECT_EQ(refused.error().code, error_code::kafka_storage_error);
  EXPECT_EQ(file->size(), 1000);
  EXPECT_TRUE(file->write_at(as_bytes("c"), 10)) << "inside the file there is room";
  const auto index = a.files.open("/data/x/index", open_mode::create).value();
  EXPECT_TRUE(index->truncate(10 << 20)) << "a hole needs no room";
  EXPECT_EQ(index->write_at(as_bytes("c"), 0).error().system_error, ENOSPC);
  a.files.set_capacity("/data", -1);
  EXPECT_TRUE(file->write_at(as_bytes(std::string(200, 'b')), 900));
}

TEST(disk, a_failed_sync_is_not_repaired_by_the_next) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    one_machine a(seed);
    const auto file = a.files.open("/data/f", open_mode::create).value();
    ASSERT_TRUE(a.files.sync_folder("/data"));
    ASSERT_TRUE(file->write_at(as_bytes("hello"), 0));
    a.files.inject(
        {.operation = disk_operation::sync, .prefix = "/data", .error_number = EIO, .times = 1});
    EXPECT_EQ(file->sync().error().system_error, EIO);
    EXPECT_TRUE(file->sync());
    a.machine.crash(crash_kind::power);
    lost += text_of(a.files, "/data/f") != "hello";
  }
  EXPECT_GT(lost, 5);
}

TEST(disk, faults_strike_where_and_as_often_as_told) {
  one_machine a(1);
  const auto file = a.files.open("/data/f", open_mode::create).value();
  a.files.inject({.operation = disk_operation::write, .prefix = "/data/f", .error_number = EIO});
  a.files.inject(
      {.operation = disk_operation::open, .prefix = "/data/g", .error_number = EMFILE, .times = 2});
  EXPECT_EQ(file->write_at(as_bytes("x"), 0).error().message,
            "writing /data/f: Input/output error");
  EXPECT_FALSE(a.files.open("/data/g", open_mode::create));
  EXPECT_FALSE(a.files.open("/data/g", open_mode::create));
  EXPECT_TRUE(a.files.open("/data/g", open_mode::create));
  a.files.clear_faults();
  EXPECT_TRUE(file->write_at(as_bytes("x"), 0));
}

TEST(disk, folders_names_and_locks_work_as_on_a_real_disk) {
  one_machine a(1);
  EXPECT_EQ(a.files.open("/none/f", open_mode::create).error().system_error, ENOENT);
  ASSERT_TRUE(a.files.create_folder("/data/x/y"));
  ASSERT_TRUE(a.files.open("/data/x/f", open_mode::create_exclusive));
  EXPECT_EQ(a.files.open("/data/x/f", open_mode::create_exclusive).error().system_error, EEXIST);
  EXPECT_EQ(a.files.list("/data/x").value().size(), 2u);
  ASSERT_TRUE(a.files.rename("/data/x", "/data/z"));
  EXPECT_FALSE(a.files.exists("/data/x"));
  EXPECT_TRUE(a.files.exists("/data/z/f"));
  EXPECT_EQ(a.files.rename("/data/x", "/data/w").error().system_error, ENOENT);
  ASSERT_TRUE(a.files.remove_folder("/data/z"));
  EXPECT_TRUE(a.files.remove("/data/z/f"));
  auto held = a.files.lock("/data/.lock").value();
  EXPECT_FALSE(a.files.lock("/data/.lock"));
  held.reset();
  EXPECT_TRUE(a.files.lock("/data/.lock"));
  EXPECT_EQ(a.files.open("/data/f", open_mode::read).error().system_error, ENOENT);
  const auto read_only = a.files.open("/data/.lock", open_mode::read).value();
  EXPECT_EQ(read_only->write_at(as_bytes("x"), 0).error().system_error, EBADF);
}

}  // namespace
}  // namespace barnabas::runtime::simulated
