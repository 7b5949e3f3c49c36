// use_runtime MODEL.onnx <recording.txt: the label of every window of a recording.
//
// The model has its pipeline in it, as those of `edgeproof study` do. The recording is numbers with
// white space between them: of each sample as many as the model has channels.

#include <edgeproof/error.h>
#include <edgeproof/plan.h>

#include <iostream>
#include <iterator>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "use_runtime MODEL.onnx <recording.txt\n";
    return 2;
  }
  try {
    const auto model = edgeproof::Model::load(argv[1]);
    if (!model.pipeline()) {
      throw edgeproof::Error(edgeproof::ErrorCode::bad_input, model.name() + ": has no pipeline");
    }
    const std::vector<float> recording{std::istream_iterator<float>(std::cin), {}};
    const auto windows = edgeproof::cut_windows(*model.pipeline(), recording);

    const edgeproof::Plan plan(model);
    edgeproof::Workspace workspace(plan);
    for (int i = 0; i < windows.count; ++i) {
      const int label = edgeproof::label_of(workspace.run(windows.window(i)));
      std::cout << model.pipeline()->labels[static_cast<std::size_t>(label)] << '\n';
    }
  } catch (const edgeproof::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
