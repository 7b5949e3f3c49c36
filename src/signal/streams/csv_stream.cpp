// Rows wait in a queue until their frames come back. Where times leave a gap, frames of missing
// samples stand for it, so that faults know how much time went by; they are not written.

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <limits>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "signal/readers/csv_records.h"
#include "signal/streams/stream.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kPiece = 1024;    // frames
constexpr double kMaxGapSamples = 1e8;  // beyond it, times are nonsense
constexpr double kStepTolerance = 0.3;  // of a sample period

struct Row {
  std::vector<std::string> fields;
  std::vector<float> values;
};

class CsvStream : public SignalStream {
 public:
  explicit CsvStream(const StreamOptions& options)
      : records_(options.input == "-" ? "/dev/stdin" : options.input, options.separator),
        separator_(options.separator),
        rate_hz_(options.rate_hz) {
    if (!options.output.empty()) output_.emplace(options.output);
    find_time_column(options.time_column);
    for (const std::string& name : options.ignore) column(name);
    if (!read_row()) fail(ErrorCode::bad_input, "{}: has a header, but no rows", records_.path());
    find_channels(options.ignore);
    pending_.values = values_of(pending_);
    if (rate_hz_ == 0 && time_column_) {
      const double first = *time_;
      Row second;
      std::swap(pending_, second);
      if (read_row()) {
        const double step = *time_ - first;
        if (!(step > 0)) fail_time(*time_, first);
        rate_hz_ = 1 / step;
        pending_.values = values_of(pending_);
        ahead_ = std::move(pending_);
      }
      pending_ = std::move(second);
    }
  }

  const std::vector<std::string>& channels() const override { return names_; }
  double rate_hz() const override { return rate_hz_; }
  bool next_recording() override { return !std::exchange(begun_, true); }

  std::vector<float> read() override {
    std::vector<float> frames;
    while (frames.size() < kPiece * names_.size()) {
      if (gap_ > 0) {
        --gap_;
        frames.resize(frames.size() + names_.size(), std::numeric_limits<float>::quiet_NaN());
        keep({});
        continue;
      }
      if (!has_pending_) break;
      frames.insert(frames.end(), pending_.values.begin(), pending_.values.end());
      keep(std::move(pending_));
      if (ahead_) {
        pending_ = std::move(*ahead_);
        ahead_.reset();
      } else {
        advance();
      }
    }
    return frames;
  }

  void write(std::span<const float> frames) override {
    if (!output_) return;
    if (!std::exchange(header_written_, true)) write_line(records_.header());
    for (std::size_t i = 0; i < frames.size(); i += names_.size()) {
      Row row = std::move(queue_.front());
      queue_.pop_front();
      if (row.fields.empty()) continue;  // stood for a gap
      for (std::size_t c = 0; c < names_.size(); ++c) {
        const float y = frames[i + c];
        if (std::bit_cast<std::uint32_t>(y) == std::bit_cast<std::uint32_t>(row.values[c]))
          continue;
        row.fields[columns_[c]] = std::isnan(y) ? "" : fmt::format("{}", y);
      }
      write_line(row.fields);
    }
  }

  void finish() override {
    if (output_) output_->commit();
  }

 private:
  std::size_t column(const std::string& name) const {
    const auto found = std::ranges::find(records_.header(), name);
    if (found == records_.header().end()) {
      fail(ErrorCode::bad_input, "{}, line 1: no column '{}'{}", records_.path(), name,
           did_you_mean(name, records_.header()));
    }
    return static_cast<std::size_t>(found - records_.header().begin());
  }

  void find_time_column(const std::string& name) {
    if (!name.empty()) {
      time_column_ = column(name);
      return;
    }
    for (const char* usual : {"time", "t", "time_s", "timestamp"}) {
      const auto found = std::ranges::find(records_.header(), usual);
      if (found == records_.header().end()) continue;
      time_column_ = static_cast<std::size_t>(found - records_.header().begin());
      return;
    }
  }

  // Takes all columns that begin with a number, or are empty, but for the time and those to ignore.
  void find_channels(const std::vector<std::string>& ignore) {
    for (std::size_t i = 0; i < records_.header().size(); ++i) {
      const std::string& name = records_.header()[i];
      if (i == time_column_ || std::ranges::find(ignore, name) != ignore.end()) continue;
      const std::string_view cell = trim(pending_.fields[i]);
      if (!cell.empty() && !is_missing(cell) && !parse_number(cell)) continue;
      names_.push_back(name);
      columns_.push_back(i);
    }
    if (names_.empty()) {
      fail(ErrorCode::bad_input, "{}, line {}: no column begins with a number", records_.path(),
           records_.line());
    }
  }

  static bool is_missing(std::string_view cell) {
    return cell.empty() || cell == "NA" || cell == "nan" || cell == "NaN";
  }

  std::vector<float> values_of(const Row& row) const {
    std::vector<float> values;
    for (const std::size_t i : columns_) {
      const std::string_view cell = trim(row.fields[i]);
      if (is_missing(cell)) {
        values.push_back(std::numeric_limits<float>::quiet_NaN());
        continue;
      }
      const auto number = parse_number(cell);
      if (!number || !std::isfinite(static_cast<float>(*number))) {
        fail(ErrorCode::bad_input, "{}, line {}: '{}' is '{}', expected a finite number",
             records_.path(), records_.line(), records_.header()[i], cell);
      }
      values.push_back(static_cast<float>(*number));
    }
    return values;
  }

  // The next record into pending_, its time into time_.
  bool read_row() {
    has_pending_ = records_.next();
    if (!has_pending_) return false;
    pending_.fields.assign(records_.fields().begin(), records_.fields().end());
    if (!time_column_) return true;
    const auto time = parse_number(trim(pending_.fields[*time_column_]));
    if (!time || !std::isfinite(*time)) {
      fail(ErrorCode::bad_input, "{}, line {}: time '{}' is '{}', expected a number of seconds",
           records_.path(), records_.line(), records_.header()[*time_column_],
           pending_.fields[*time_column_]);
    }
    time_ = time;
    return true;
  }

  // Goes on by a row, and finds out how many samples are lost before it.
  void advance() {
    const auto before = time_;
    pending_ = {};
    if (!read_row()) return;
    pending_.values = values_of(pending_);
    if (!time_column_) return;
    const double step = *time_ - *before;
    if (!(step > 0)) fail_time(*time_, *before);
    const double periods = step * rate_hz_;
    const double whole = std::round(periods);
    if (whole < 1 || std::abs(periods - whole) > kStepTolerance || whole > kMaxGapSamples) {
      fail(ErrorCode::bad_input,
           "{}, line {}: a step of {} s is no whole number of sample periods ({} s): is the rate "
           "mixed?",
           records_.path(), records_.line(), step, 1 / rate_hz_);
    }
    gap_ = static_cast<std::int64_t>(whole) - 1;
  }

  [[noreturn]] void fail_time(double time, double before) const {
    fail(ErrorCode::bad_input, "{}, line {}: time {} after {}, expected it to increase",
         records_.path(), records_.line(), time, before);
  }

  void keep(Row row) {
    if (output_) queue_.push_back(std::move(row));
  }

  void write_line(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields) {
      if (!line.empty() || &field != fields.data()) line += separator_;
      line += csv_field(field, separator_);
    }
    output_->write(line + '\n');
  }

  CsvRecords records_;
  char separator_;
  double rate_hz_;
  std::optional<OutputFile> output_;
  std::optional<std::size_t> time_column_;
  std::vector<std::string> names_;
  std::vector<std::size_t> columns_;
  Row pending_;  // the next to be given
  bool has_pending_ = false;
  std::optional<Row> ahead_;    // the second row, read to learn the rate
  std::optional<double> time_;  // of the last row read
  std::int64_t gap_ = 0;        // samples lost before pending_
  std::deque<Row> queue_;       // given, not yet written
  bool begun_ = false, header_written_ = false;
};

}  // namespace

std::unique_ptr<SignalStream> open_csv_stream(const StreamOptions& options) {
  return std::make_unique<CsvStream>(options);
}

}  // namespace edgeproof::signal
