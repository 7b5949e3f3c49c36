#pragma once

// Messages between ranks: what the plug-in `mpi` (core/plugin.h) hands over, over Open MPI.

#include <cstdint>
#include <vector>

namespace edgeproof::engine {

struct MpiTransport {
  void (*start)(int* rank, int* count);
  void (*send)(int rank, int tag, const std::vector<std::uint8_t>& bytes);
  // Takes a message that has arrived, of any rank; false if there is none.
  bool (*poll)(int* rank, int* tag, std::vector<std::uint8_t>* bytes);
  void (*finish)();
};

}  // namespace edgeproof::engine
