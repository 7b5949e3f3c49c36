// The plug-in `mpi` (core/plugin.h). MPI is called by one thread of each process. Test:
// src/cli/mpi_test.sh.

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include "core/plugin.h"
#include "engine/mpi_transport.h"

namespace edgeproof::engine {
namespace {

void start(int* rank, int* count) {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, count);
}

void send(int rank, int tag, const std::vector<std::uint8_t>& bytes) {
  MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD);
}

bool poll(int* rank, int* tag, std::vector<std::uint8_t>* bytes) {
  int there = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
  if (there == 0) return false;
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  bytes->resize(static_cast<std::size_t>(size));
  MPI_Recv(bytes->data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  *rank = status.MPI_SOURCE;
  *tag = status.MPI_TAG;
  return true;
}

void finish() {
  MPI_Finalize();
}

}  // namespace
}  // namespace edgeproof::engine

const void* edgeproof_plugin(const edgeproof::Host& host) {
  using namespace edgeproof::engine;
  static constexpr MpiTransport kTransport = {
      .start = start, .send = send, .poll = poll, .finish = finish};
  return edgeproof::join_host(host, &kTransport);
}
