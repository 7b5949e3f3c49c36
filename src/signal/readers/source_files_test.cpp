#include "signal/readers/source_files.h"

#include <map>

#include "core/files.h"
#include "signal/readers/archive.h"
#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kNames{"a/x.txt", "b.txt"};

std::map<std::size_t, std::string> contents(const std::filesystem::path& path,
                                            std::string* checksum) {
  std::map<std::size_t, std::string> found;
  *checksum = visit_source_files(path, kNames, 100,
                                 [&](const SourceFile& file) { found[file.index] = file.bytes; });
  return found;
}

TEST(SourceFiles, FolderAndArchivesGiveTheSameBytesAndChecksum) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "set/a");
  write_file(folder / "set/a/x.txt", "one\r\n");
  write_file(folder / "set/b.txt", "two");
  const Members members{{"set/b.txt", "two"}, {"set/ab.txt", "no"}, {"set/a/x.txt", "one\r\n"}};
  write_archive(folder / "set.zip", members);
  write_archive(folder / "set.tar.xz", members);

  const std::map<std::size_t, std::string> expected{{0, "one\r\n"}, {1, "two"}};
  std::string first, other;
  EXPECT_EQ(contents(folder / "set", &first), expected);
  EXPECT_EQ(contents(folder / "set.zip", &other), expected);
  EXPECT_EQ(other, first);
  EXPECT_EQ(contents(folder / "set.tar.xz", &other), expected);
  EXPECT_EQ(other, first);
  EXPECT_EQ(first, sha256(sha256("one\r\n") + "  a/x.txt\n" + sha256("two") + "  b.txt\n"));
}

TEST(SourceFiles, MissingDoubleAndLargeMembersAreErrors) {
  const TempFolder folder;
  const auto visit = [&](const std::string& name) {
    return error_of([&] { visit_source_files(folder / name, kNames, 100, [](const auto&) {}); });
  };
  write_archive(folder / "missing.zip", {{"a/x.txt", "1"}});
  EXPECT_THAT(visit("missing.zip"), HasSubstr("no file 'b.txt' in it"));
  write_archive(folder / "double.zip", {{"p/b.txt", "1"}, {"q/b.txt", "2"}});
  EXPECT_THAT(visit("double.zip"), HasSubstr("'q/b.txt': a second 'b.txt'"));
  write_archive(folder / "large.zip", {{"b.txt", std::string(101, '0')}});
  EXPECT_THAT(visit("large.zip"), HasSubstr("'b.txt' is larger than the limit of 100 bytes"));
  EXPECT_THAT(visit("none.zip"), HasSubstr("none.zip: no such file"));
  std::filesystem::create_directories(folder / "empty");
  EXPECT_THAT(visit("empty"), HasSubstr("x.txt"));
  const std::vector<std::string> long_names = {std::string(1000, 'a')};
  const auto visit_long = [&] {
    visit_source_files(std::vector{folder / "empty"}, long_names, 100, [](const auto&) {});
  };
  EXPECT_THAT(error_of(visit_long), HasSubstr("no file 'aaa"));
}

TEST(SourceFiles, MayBeSpreadOverSeveralSources) {
  const TempFolder folder;
  write_tree(folder / "one", {{"a/x.txt", "one\r\n"}});
  write_archive(folder / "two.zip", {{"set/b.txt", "two"}});
  write_tree(folder / "both", {{"a/x.txt", "one\r\n"}, {"b.txt", "two"}});
  const std::vector<std::filesystem::path> sources{folder / "one", folder / "two.zip"};
  const auto nothing = [](const SourceFile&) {};
  EXPECT_EQ(visit_source_files(sources, kNames, 100, nothing),
            visit_source_files(folder / "both", kNames, 100, nothing));
  EXPECT_EQ(list_source_files(sources, ".txt"), (std::vector<std::string>{"a/x.txt", "set/b.txt"}));

  write_tree(folder / "one", {{"b.txt", "again"}});
  EXPECT_THAT(error_of([&] { visit_source_files(sources, kNames, 100, nothing); }),
              HasSubstr("two.zip: 'set/b.txt': a second 'b.txt'"));
}

TEST(SourceFiles, NamesThatLeaveTheFolderAreRefused) {
  const TempFolder folder;
  write_tree(folder.path(), {{"secret.txt", "1"}, {"set/x.txt", "2"}});
  for (const std::string& name : {std::string("../secret.txt"), std::string("x/../../secret.txt"),
                                  (folder / "secret.txt").string()}) {
    const std::vector<std::string> names{name};
    EXPECT_THAT(
        error_of([&] { visit_source_files(folder / "set", names, 100, [](const auto&) {}); }),
        HasSubstr("leads out of the folder"));
  }
}

// A name in an archive is compared, never opened.
TEST(SourceFiles, AMemberThatClimbsIsOnlyAMember) {
  const TempFolder folder;
  write_archive(folder / "x.zip", {{"../../b.txt", "two"}, {"/a/x.txt", "one"}});
  std::string checksum;
  EXPECT_EQ(contents(folder / "x.zip", &checksum),
            (std::map<std::size_t, std::string>{{0, "one"}, {1, "two"}}));
}

TEST(ArchiveReader, MembersThatNobodyReadsAreSkipped) {
  const TempFolder folder;
  write_archive(folder / "x.tar.xz", {{"a", "first"}, {"b", ""}, {"c", "third"}});
  ArchiveReader archive(folder / "x.tar.xz");
  EXPECT_EQ(archive.next(), "a");
  EXPECT_EQ(archive.next(), "b");
  EXPECT_EQ(archive.read(10), "");
  EXPECT_EQ(archive.next(), "c");
  EXPECT_EQ(archive.read(5), "third");
  EXPECT_EQ(archive.next(), std::nullopt);
}

// Wherever an archive is cut, reading it ends in an Error or, where only the index at the end of a
// zip file is lost, in all that was in it: never in a part of it.
TEST(ArchiveReader, EveryTruncationIsNoticed) {
  const TempFolder folder;
  const Members members{{"a", std::string(3000, 'x')}, {"b", "second"}};
  for (const char* name : {"x.tar.xz", "x.zip"}) {
    write_archive(folder / name, members);
    const std::string whole = read_file(folder / name);
    int errors = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      write_file(folder / name, whole.substr(0, size));
      Members found;
      try {
        ArchiveReader archive(folder / name);
        while (const auto member = archive.next()) found.emplace_back(*member, archive.read(9999));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        ++errors;
        continue;
      }
      if (found.size() == 2) {
        EXPECT_EQ(found, members) << name << " cut to " << size;
      } else {
        EXPECT_EQ(found.size(), 1u) << name << " cut to " << size;  // between two members
      }
    }
    EXPECT_GT(errors, 100) << name;
  }
}

}  // namespace
}  // namespace edgeproof::signal
