#include "core/files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.h"
#include "core/temp_folder.h"

namespace edgeproof {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(Files, WhatIsWrittenIsRead) {
  const std::string bytes("a\0b\r\n", 5);
  write_file(folder_ / "x", bytes);
  EXPECT_EQ(read_file(folder_ / "x"), bytes);
  write_file(folder_ / "x", "new");
  EXPECT_EQ(read_file(folder_ / "x"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);  // no partial file stays
}

TEST_F(Files, ErrorsNameThePath) {
  try {
    read_file(folder_ / "missing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos);
  }
  EXPECT_THROW(read_file(folder_.path()), Error);
  EXPECT_THROW(read_file(folder_ / std::string(1000, 'a')), Error);
  EXPECT_THROW(write_file(folder_ / "no" / "such", "x"), Error);
}

TEST_F(Files, ReadingIsBounded) {
  write_file(folder_ / "x", "12345");
  EXPECT_THROW(read_file(folder_ / "x", 4), Error);
}

TEST_F(Files, AFileIsNotAFolder) {
  write_file(folder_ / "x", "12345");
  EXPECT_THROW(make_writable_directory(folder_ / "x"), Error);
  EXPECT_NO_THROW(make_writable_directory(folder_ / "a" / "b"));
}

// The two examples of FIPS 180-4's published test values.
TEST_F(Files, Sha256OfKnownTexts) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_file(folder_ / "x", "abc");
  EXPECT_EQ(sha256_of_file(folder_ / "x"), sha256("abc"));
}

}  // namespace
}  // namespace edgeproof
