#include "faults/truth.h"

#include "core/temp_folder.h"
#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

const std::string kHeader = "recording,fault,channel,first_sample,last_sample\n";

class TruthTest : public ::testing::Test {
 protected:
  // The rows that come of these changes to one step's frames of one channel, piece after piece;
  // an empty piece ends the recording.
  std::string rows_of(const std::vector<std::vector<bool>>& pieces) {
    TruthFile truth(path_, {"step"}, {"x"});
    std::int64_t first = 0;
    for (const std::vector<bool>& changed : pieces) {
      if (changed.empty()) {
        truth.end_recording();
        first = 0;
        continue;
      }
      std::vector<float> before(changed.size(), 1), after = before;
      for (std::size_t i = 0; i < changed.size(); ++i) {
        if (changed[i]) after[i] = 2;
      }
      const int count = static_cast<int>(changed.size());
      truth.add(0, {first, count, before.data(), before.size()},
                {first, count, after.data(), after.size()});
      first += count;
    }
    truth.finish();
    const std::string text = read_file(path_);
    EXPECT_TRUE(text.starts_with(kHeader)) << text;
    return text.substr(kHeader.size());
  }

  TempFolder folder_;
  std::filesystem::path path_ = folder_ / "truth.csv";
};

TEST_F(TruthTest, ARunGoesOnOverTheEndOfAPiece) {
  EXPECT_EQ(rows_of({{false, true, true}, {true, false, true}, {}}),
            "0,\"step\",\"x\",1,3\n"
            "0,\"step\",\"x\",5,5\n");
}

TEST_F(TruthTest, ARunEndsWithItsRecording) {
  EXPECT_EQ(rows_of({{true, true}, {}, {false}, {}, {true}, {}}),
            "0,\"step\",\"x\",0,1\n"
            "2,\"step\",\"x\",0,0\n");
}

TEST_F(TruthTest, WhereNothingChangedThereIsNoRow) {
  EXPECT_EQ(rows_of({{false, false}, {}}), "");
}

TEST_F(TruthTest, ASampleThatStaysMissingIsNotChanged) {
  TruthFile truth(path_, {"step"}, {"x"});
  std::vector<float> before{testing::kNan, 0.0F}, after{testing::kNan, -0.0F};
  truth.add(0, {0, 2, before.data(), 2}, {0, 2, after.data(), 2});
  truth.end_recording();
  truth.finish();
  EXPECT_EQ(read_file(path_), kHeader + "0,\"step\",\"x\",1,1\n");
}

TEST_F(TruthTest, SaysWhatAnInjectorDid) {
  const testing::Bench bench = testing::Bench::physical(2);
  const Context context = bench.context();
  Fault fault = parse_fault("bias");
  fault.channels = {"c1"};
  fault.from_s = 2;
  fault.to_s = 4;
  const std::vector<Step> steps = faults::steps(fault, 3, context);
  TruthFile truth(path_, {"bias"}, {"c0", "c1"});
  for (std::uint32_t recording = 0; recording < 2; ++recording) {
    Injector injector(steps, context, recording);
    injector.observe([&](std::size_t step, const Frames& before, const Frames& after) {
      truth.add(step, before, after);
    });
    for (int piece = 0; piece < 6; ++piece) injector.push(testing::noise(2 * 77));
    injector.finish();
    truth.end_recording();
  }
  truth.finish();
  EXPECT_EQ(read_file(path_), kHeader + "0,\"bias\",\"c1\",100,199\n1,\"bias\",\"c1\",100,199\n");
}

TEST_F(TruthTest, LeavesNoFileBehindUnlessItWasFinished) {
  { const TruthFile truth(path_, {"step"}, {"x"}); }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace edgeproof::faults
