// Counts every allocation of this test binary, by replacing the global operators.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "api/api_testing.h"
#include "edgeproof/plan.h"
#include "edgeproof/stream.h"

namespace {
std::atomic<int> allocations{0};

void* counted(std::size_t size, std::size_t align) {
  ++allocations;
  void* memory = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t align) {
  return counted(size, static_cast<std::size_t>(align));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace edgeproof::api {
namespace {

TEST(Workspace, NeverAllocatesInARun) {
  for (const bool int8 : {false, true}) {
    const Model model = Model::parse(formats::to_onnx(made_inside(int8)));
    const int none = allocations;
    Workspace workspace{Plan(model)};
    EXPECT_GT(allocations, none);
    const std::vector<float> window = noise(128 * 9);
    const int before = allocations;
    EXPECT_FALSE(workspace.run(window).empty());
    EXPECT_EQ(allocations, before);
  }
}

TEST(Stream, NeverAllocatesOnceItIsThere) {
  Stream stream(StreamPlan(Model::parse(formats::to_onnx(made_inside(true))), 16));
  const std::vector<float> window = noise(128 * 9);
  const int before = allocations;
  EXPECT_FALSE(stream.start(window).empty());
  EXPECT_FALSE(stream.advance(std::span(window).first(16 * 9)).empty());
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace edgeproof::api
