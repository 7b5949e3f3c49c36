// Test: wfdb_test.cpp.

#include "signal/readers/wfdb_annotations.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

enum Code { kNote = 22, kSkip = 59, kNum = 60, kSub = 61, kChn = 62, kAux = 63 };

constexpr std::string_view kSymbols = R"( NLRaVFJASEj/Q~ | sT*D"=pB^t+u?![]en@xf()r)";

class Words {
 public:
  Words(std::string_view bytes, const std::string& place) : bytes_(bytes), place_(place) {}

  unsigned next() {
    expect(2);
    const unsigned word = byte(at_) | byte(at_ + 1) << 8;
    at_ += 2;
    return word;
  }

  std::string_view text(std::size_t size) {
    expect(size + size % 2);
    const std::string_view text = bytes_.substr(at_, size);
    at_ += size + size % 2;
    return text;
  }

  std::size_t at() const { return at_; }

 private:
  unsigned byte(std::size_t at) const { return static_cast<unsigned char>(bytes_[at]); }

  void expect(std::size_t size) const {
    if (bytes_.size() - at_ < size) {
      fail(ErrorCode::bad_input, "{}: cut short at byte {}, expected annotations up to an end mark",
           place_, bytes_.size());
    }
  }

  std::string_view bytes_;
  const std::string& place_;
  std::size_t at_ = 0;
};

// A note at the beginning may say that times do not count samples.
void expect_time_resolution(std::string_view note, const std::string& place, double rate_hz) {
  constexpr std::string_view kBegin = "## time resolution:";
  if (!note.starts_with(kBegin)) return;
  std::string_view text = trim(note.substr(kBegin.size()));
  text = text.substr(0, text.find('\0'));
  const auto resolution = parse_number(text);
  if (!resolution || std::abs(*resolution - rate_hz) > 1e-6 * rate_hz) {
    fail(ErrorCode::unsupported,
         "{}: its time resolution is '{}', only that of the record, {} Hz, is read", place, text,
         rate_hz);
  }
}

}  // namespace

std::vector<WfdbAnnotation> parse_wfdb_annotations(std::string_view bytes, const std::string& place,
                                                   double rate_hz) {
  constexpr std::int64_t kMaxSample = std::int64_t{1} << 40;
  std::vector<WfdbAnnotation> annotations;
  Words words(bytes, place);
  std::int64_t sample = 0;
  for (;;) {
    const std::size_t at = words.at();
    const unsigned word = words.next();
    if (word == 0) return annotations;
    const unsigned code = word >> 10;
    const unsigned interval = word & 0x3FFU;
    if (code == kSkip) {
      const unsigned high = words.next();
      sample += static_cast<std::int32_t>(high << 16 | words.next());
    } else if (code == kAux) {
      const std::string_view note = words.text(interval);
      if (annotations.size() == 1 && annotations[0].code == kNote) {
        expect_time_resolution(note, place, rate_hz);
      }
    } else if (code < kSkip) {
      sample += interval;
      annotations.push_back({sample, static_cast<int>(code)});
    }
    if (sample < 0 || sample > kMaxSample) {
      fail(ErrorCode::bad_input, "{}, byte {}: the time becomes {} samples", place, at, sample);
    }
  }
}

char wfdb_symbol(int code) {
  const auto at = static_cast<std::size_t>(code);
  return at < kSymbols.size() ? kSymbols[at] : ' ';
}

}  // namespace edgeproof::signal
