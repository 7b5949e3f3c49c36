// The members of the archive one after the other: the array of signals in pieces, all others
// copied. Its element type is kept if it is a float of 32 or 64 bits, and becomes 32 bits
// otherwise.

#include <bit>
#include <cstring>

#include "core/error.h"
#include "signal/readers/archive.h"
#include "signal/readers/npy.h"
#include "signal/streams/stream.h"
#include "signal/streams/zip_writer.h"

namespace edgeproof::signal {
namespace {

constexpr std::int64_t kPiece = 4096;  // frames

class NpzStream : public SignalStream {
 public:
  explicit NpzStream(const StreamOptions& options)
      : path_(options.input.string()),
        archive_(options.input == "-" ? "/dev/stdin" : options.input),
        rate_hz_(options.rate_hz) {
    if (!options.output.empty()) output_.emplace(options.output);
    const std::string member = options.array + ".npy";
    std::string others;
    for (;;) {
      const auto name = archive_.next();
      if (!name) {
        fail(ErrorCode::bad_input, "{}: no array '{}'{}", path_, options.array,
             others.empty() ? "" : fmt::format(" (it has {})", others));
      }
      if (*name == member) break;
      others += (others.empty() ? "" : ", ") + *name;
      copy_member(*name);
    }
    open_array(member, options.names);
  }

  const std::vector<std::string>& channels() const override { return names_; }
  double rate_hz() const override { return rate_hz_; }
  std::optional<std::int64_t> length() const override { return length_; }

  bool next_recording() override {
    if (recording_ == recordings_) return false;
    ++recording_;
    left_ = length_;
    return true;
  }

  std::vector<float> read() override {
    const std::int64_t frames = std::min(left_, kPiece);
    left_ -= frames;
    NpyArray piece = array_;
    piece.count = frames * static_cast<std::int64_t>(names_.size());
    piece.bytes = take(static_cast<std::size_t>(piece.count * piece.item_bytes));
    piece.data = 0;
    std::vector<float> values = npy_floats(piece);
    if (output_) queue_ += piece.bytes;
    return values;
  }

  void write(std::span<const float> frames) override {
    if (!output_) return;
    // The original elements stand at the front of the queue.
    NpyArray piece = array_;
    piece.count = static_cast<std::int64_t>(frames.size());
    const std::size_t bytes = frames.size() * static_cast<std::size_t>(piece.item_bytes);
    piece.bytes = queue_.substr(0, bytes);
    piece.data = 0;
    queue_.erase(0, bytes);
    if (piece.kind == 'f' && piece.item_bytes == 8) {
      const std::vector<float> before = npy_floats(piece);
      for (std::size_t i = 0; i < frames.size(); ++i) {
        if (std::bit_cast<std::uint32_t>(before[i]) == std::bit_cast<std::uint32_t>(frames[i]))
          continue;
        const double y = frames[i];
        std::memcpy(piece.bytes.data() + 8 * i, &y, 8);
      }
      output_->write(piece.bytes);
    } else {
      output_->write({reinterpret_cast<const char*>(frames.data()), frames.size_bytes()});
    }
  }

  void finish() override {
    if (buffer_.size() > taken_ || !archive_.read_piece().empty()) {
      fail(ErrorCode::bad_input, "{}: has more elements than its header says", array_.place);
    }
    while (const auto name = archive_.next()) copy_member(*name);
    if (output_) output_->finish();
  }

 private:
  void copy_member(const std::string& name) {
    if (!output_) return;
    output_->begin(name, std::nullopt);
    for (std::string piece; !(piece = archive_.read_piece()).empty();) output_->write(piece);
  }

  void open_array(const std::string& member, const std::vector<std::string>& names) {
    const std::string place = fmt::format("{}: '{}'", path_, member);
    constexpr std::size_t kHeader = 10;
    while (buffer_.size() < kHeader && fill()) {
    }
    while (buffer_.size() < npy_header_bytes(buffer_, place)) {
      if (!fill()) fail(ErrorCode::bad_input, "{}: cut short within the .npy header", place);
    }
    array_ = parse_npy_header(buffer_, place);
    taken_ = array_.data;
    const auto& shape = array_.shape;
    if (shape.size() != 2 && shape.size() != 3) {
      fail(ErrorCode::bad_input, "{}: has {} dimensions, expected [N, L, C] or [T, C]", place,
           shape.size());
    }
    if (array_.count == 0) fail(ErrorCode::bad_input, "{}: is empty", place);
    recordings_ = shape.size() == 3 ? shape[0] : 1;
    length_ = shape[shape.size() - 2];
    const std::int64_t channels = shape.back();
    constexpr std::int64_t kMaxChannels = 4096;
    if (channels > kMaxChannels) {
      fail(ErrorCode::bad_input, "{}: {} channels, expected at most {}", place, channels,
           kMaxChannels);
    }
    names_ = names;
    for (std::int64_t c = 0; names.empty() && c < channels; ++c)
      names_.push_back(fmt::format("ch{}", c));
    if (static_cast<std::int64_t>(names_.size()) != channels) {
      fail(ErrorCode::bad_config, "{}: {} channels, but {} names", place, channels, names_.size());
    }
    if (!output_) return;
    const bool wide = array_.kind == 'f' && array_.item_bytes == 8;
    const std::string header = npy_header(wide ? "<f8" : "<f4", shape);
    output_->begin(member,
                   static_cast<std::int64_t>(header.size()) + array_.count * (wide ? 8 : 4));
    output_->write(header);
  }

  bool fill() {
    const std::string piece = archive_.read_piece();
    buffer_.erase(0, std::exchange(taken_, 0));
    buffer_ += piece;
    return !piece.empty();
  }

  std::string take(std::size_t count) {
    while (buffer_.size() - taken_ < count) {
      if (!fill()) {
        fail(ErrorCode::bad_input, "{}: cut short: its header says {} elements", array_.place,
             array_.count);
      }
    }
    std::string bytes = buffer_.substr(taken_, count);
    taken_ += count;
    return bytes;
  }

  std::string path_;
  ArchiveReader archive_;
  double rate_hz_;
  std::optional<ZipWriter> output_;
  NpyArray array_;  // its header; no elements
  std::vector<std::string> names_;
  std::int64_t recordings_ = 0, recording_ = 0, length_ = 0, left_ = 0;
  std::string buffer_;  // read, not yet given but for the first taken_ bytes
  std::size_t taken_ = 0;
  std::string queue_;  // given, not yet written; as read
};

}  // namespace

std::unique_ptr<SignalStream> open_npz_stream(const StreamOptions& options) {
  return std::make_unique<NpzStream>(options);
}

}  // namespace edgeproof::signal
