#include "core/temp_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/files.h"

namespace edgeproof {
namespace {

namespace fs = std::filesystem;

// Sets TMPDIR, and brings back what it was.
class TmpdirGuard {
 public:
  explicit TmpdirGuard(const fs::path& value) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", value.c_str(), 1);
  }
  ~TmpdirGuard() {
    if (before_) {
      setenv("TMPDIR", before_->c_str(), 1);
    } else {
      unsetenv("TMPDIR");
    }
  }
  TmpdirGuard(const TmpdirGuard&) = delete;
  TmpdirGuard& operator=(const TmpdirGuard&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(TempFolder, GoesWithAllItHolds) {
  fs::path path;
  {
    const TempFolder folder;
    path = folder.path();
    EXPECT_TRUE(fs::is_empty(path));
    fs::create_directory(folder / "inner");
    write_file(folder / "inner" / "file", "bytes");
    EXPECT_EQ(read_file(path / "inner/file"), "bytes");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempFolder, HasANameOfItsOwnAndIsForThisUserAlone) {
  const TempFolder first, second;
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(fs::status(first.path()).permissions(), fs::perms::owner_all);
}

TEST(TempFolder, IsMadeBelowTmpdir) {
  const TempFolder outer;
  const TmpdirGuard tmpdir(outer.path());
  const TempFolder inner;
  EXPECT_EQ(inner.path().parent_path(), outer.path());
}

TEST(TempFolder, SaysThatTmpdirIsNoFolder) {
  const TempFolder outer;
  const TmpdirGuard tmpdir(outer / "missing");
  try {
    const TempFolder inner;
    FAIL() << "made " << inner.path();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_THAT(error.what(), testing::HasSubstr("TMPDIR"));
  }
}

}  // namespace
}  // namespace edgeproof
