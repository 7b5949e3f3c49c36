// edgeproof completion SHELL and edgeproof man FOLDER, both written from the parser's own commands
// and options. Test: completion_test.sh.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "edgeproof/version.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
}

std::string long_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? "-" + option.get_snames().front()
                                     : "--" + option.get_lnames().front();
}

// "table json csv" of a type named "TEXT:{table,json,csv}", or with numbers as "{table->0,…}".
std::string choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{'), end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos) return "";
  std::vector<std::string> names;
  const std::string inside = type.substr(begin + 1, end - begin - 1);
  for (const std::string_view choice : split(inside, ',')) {
    names.emplace_back(choice.substr(0, choice.find("->")));
  }
  return join(names, " ");
}

void print_bash_case(const CLI::App& command, const std::string& path) {
  std::vector<std::string> words;
  for (const CLI::App* sub : commands_of(command)) words.push_back(sub->get_name());
  for (const CLI::Option* option : options_of(command)) {
    words.push_back(long_name(*option));
    const std::string values = choices(*option);
    if (!values.empty()) {
      fmt::print("    '{} {}') COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n", path,
                 long_name(*option), values);
    }
  }
  fmt::print("    '{} '*) words='{}' ;;\n", path, join(words, " "));
}

// Cases go from the longest command to the shortest: the first one that matches counts.
void print_bash(const CLI::App& app) {
  fmt::print(
      "# Completion of edgeproof's commands, options and files for bash: edgeproof completion "
      "bash\n"
      "_edgeproof() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} words command=${{COMP_WORDS[1]}}\n"
      "  COMPREPLY=()\n"
      "  case $command in data) command+=\" ${{COMP_WORDS[2]}}\" ;; esac\n"
      "  case \"$command ${{COMP_WORDS[COMP_CWORD - 1]}}\" in\n");
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) {
    names.push_back(command->get_name());
    for (const CLI::App* sub : commands_of(*command)) {
      print_bash_case(*sub, command->get_name() + " " + sub->get_name());
    }
    print_bash_case(*command, command->get_name());
  }
  fmt::print(
      "  esac\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='{} --help --version'; fi\n"
      "  case $current in\n"
      "    -*) ;;\n"
      "    *) [ \"$COMP_CWORD\" -eq 1 ] || COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
      "  esac\n"
      "  COMPREPLY+=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}}\n"
      "complete -o filenames -F _edgeproof edgeproof\n",
      join(names, " "));
}

// An item of zsh's _describe.
std::string zsh_item(const std::string& name, const std::string& description) {
  return fmt::format("'{}:{}'", name,
                     replaced(replaced(first_line(description), ":", "\\:"), "'", "'\\''"));
}

void print_zsh_items(const CLI::App& command) {
  for (const CLI::App* sub : commands_of(command)) {
    fmt::print("      {}\n", zsh_item(sub->get_name(), sub->get_description()));
  }
  for (const CLI::Option* option : options_of(command)) {
    fmt::print("      {}\n", zsh_item(long_name(*option), option->get_description()));
  }
}

void print_zsh(const CLI::App& app) {
  fmt::print(
      "#compdef edgeproof\n"
      "# Completion of edgeproof's commands, options and files for zsh: edgeproof completion zsh\n"
      "_edgeproof() {{\n"
      "  local -a items\n"
      "  if (( CURRENT == 2 )); then\n"
      "    items=(\n");
  print_zsh_items(app);
  fmt::print(
      "    )\n    _describe command items\n    return\n  fi\n  case \"$words[2] $words[3]\" in\n");
  for (const CLI::App* command : commands_of(app)) {
    for (const CLI::App* sub : commands_of(*command)) {
      fmt::print("    '{} {}') items=(\n", command->get_name(), sub->get_name());
      print_zsh_items(*sub);
      fmt::print("    ) ;;\n");
    }
    fmt::print("    '{} '*) items=(\n", command->get_name());
    print_zsh_items(*command);
    fmt::print("    ) ;;\n");
  }
  fmt::print(
      "  esac\n"
      "  if [[ $words[CURRENT] == -* ]] || {{ [[ $words[2] == data ]] && (( CURRENT == 3 )) }}; "
      "then\n"
      "    _describe option items\n"
      "  else\n"
      "    _files\n"
      "  fi\n"
      "}}\n"
      "if [ \"$funcstack[1]\" = _edgeproof ]; then _edgeproof \"$@\"; else compdef _edgeproof "
      "edgeproof; fi\n");
}

// Text for troff: nothing in it is a request or an escape.
std::string roff(const std::string& text) {
  std::string out = replaced(replaced(text, "\\", "\\e"), "-", "\\-");
  out = replaced(out, "\n.", "\n\\&.");
  out = replaced(out, "\n'", "\n\\&'");
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string man_options(const std::vector<const CLI::Option*>& options) {
  std::string page;
  for (const CLI::Option* option : options) {
    const std::string type = option->get_items_expected_max() == 0 ? "" : option->get_type_name();
    page += fmt::format(".TP\n\\fB{}\\fR \\fI{}\\fR\n{}\n",
                        roff(option->get_name(!option->nonpositional(), true)), roff(type),
                        roff(option->get_description()));
  }
  return page;
}

// `name` is "edgeproof-data-fetch", `title` "edgeproof data fetch".
std::string man_page(const CLI::App& app, const std::string& name, const std::string& title) {
  const std::string description = app.get_description();
  std::string page =
      fmt::format(".TH {} 1 \"\" \"edgeproof {}\" \"User commands\"\n", name, EDGEPROOF_VERSION);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(name),
                      roff(first_line(description).substr(name == "edgeproof" ? 11 : 0)));
  page += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR [OPTIONS]", roff(title));
  std::vector<const CLI::Option*> positionals;
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) continue;
    positionals.push_back(option);
    page += " \\fI" + roff(option->get_name(true)) + "\\fR";
  }
  if (!commands_of(app).empty()) page += " \\fICOMMAND\\fR";
  page += "\n.SH DESCRIPTION\n" + roff(description) + "\n";
  if (!positionals.empty()) page += ".SH ARGUMENTS\n" + man_options(positionals);
  if (!commands_of(app).empty()) {
    page += ".SH COMMANDS\n";
    for (const CLI::App* command : commands_of(app)) {
      page += fmt::format(".TP\n\\fB{}\\-{}\\fR(1)\n{}\n", roff(name), roff(command->get_name()),
                          roff(first_line(command->get_description())));
    }
  }
  page += ".SH OPTIONS\n" + man_options(options_of(app));
  if (!app.get_footer().empty()) page += ".SH NOTES\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
  page +=
      ".SH EXIT STATUS\n0: done. 1: an error of edgeproof's own, or a threshold of 'gate' that "
      "does not hold. 2: bad input or options. 130: interrupted.\n";
  return page;
}

void write_pages(const CLI::App& app, const fs::path& folder, const std::string& name,
                 const std::string& title) {
  OutputFile file(folder / (name + ".1"));
  file.write(man_page(app, name, title));
  file.commit();
  for (const CLI::App* command : commands_of(app)) {
    write_pages(*command, folder, name + "-" + command->get_name(),
                title + " " + command->get_name());
  }
}

}  // namespace

void add_completion(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("completion", "Completion of commands and options in a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "What it is for")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->footer(
      "Examples:\n"
      "  source <(edgeproof completion bash)             # in ~/.bashrc\n"
      "  edgeproof completion zsh >~/.zfunc/_edgeproof   # a folder of $fpath");
  command->callback([&app, shell] { *shell == "bash" ? print_bash(app) : print_zsh(app); });

  CLI::App* man = app.add_subcommand("man", "Write a page of the manual for each command");
  man->group("");  // for packages; not shown
  auto folder = std::make_shared<std::string>();
  man->add_option("FOLDER", *folder, "Where to")->required();
  man->callback([&app, folder] {
    make_writable_directory(*folder);
    write_pages(app, *folder, "edgeproof", "edgeproof");
  });
}

}  // namespace edgeproof::cli
