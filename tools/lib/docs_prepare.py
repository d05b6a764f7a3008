#!/usr/bin/env python3
"""Copies headers and pages to where Doxygen reads them: headers with the topic each is of, pages with Doxygen's links.

usage: docs_prepare.py FOLDER | --self-test
"""
import fnmatch
import pathlib
import re
import sys
import tempfile
import tomllib

import docs_mermaid
import docs_pages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOPICS = ROOT / "docs/site/topics.toml"
NAMESPACES = ROOT / "docs/site/namespaces.dox"
# A defaulted function is what the language says it is: there is nothing to tell, but Doxygen wants to be told.
DOX = ["topics.dox", "namespaces.dox", "samples.dox"]
NAMESPACE = re.compile(r"^(namespace (?:sluice(?:::(?:core|flow|testing))?|core) \{)$", re.MULTILINE)
NAMESPACE_END = re.compile(r"^(\}  // namespace (?:sluice(?:::(?:core|flow|testing))?|core))$", re.MULTILINE)
# Which class is a friend concerns nobody else.
FRIEND_CLASS = re.compile(r"^ *(?:template <[^\n]*>\n *)?friend (?:class |struct )?[\w:<>]+;$", re.MULTILINE)
MARK = re.compile(r"^ *// \[\w+:\w+\]\n", re.MULTILINE)
DEFAULTED = re.compile(r"^(\s+[^/\n]*= default;)$", re.MULTILINE)


def headers(root):
    found = (root / "include").rglob("*.hpp")
    return sorted(each.relative_to(root / "include/sluice").as_posix() for each in found if "detail" not in each.parts)


def topic_of_each(topics, all_headers):
    """Which topic a header is of; and what is wrong: a header belongs to one topic."""
    of, wrong = {}, []
    listed = [(name, topic) for topic in topics for name in topic["headers"]]
    for pattern, topic in sorted(listed, key=lambda each: "*" in each[0]):  # a stable order: that of the topics
        for name in fnmatch.filter(all_headers, pattern) or [None]:
            if name is None:
                wrong.append(f"docs/site/topics.toml: {topic['id']}: there is no {pattern}")
            elif name in of and "*" not in pattern:
                wrong.append(f"docs/site/topics.toml: {name} is in {of[name]['id']} and in {topic['id']}")
            else:
                of.setdefault(name, topic)
    wrong += [f"docs/site/topics.toml: no topic has {name}" for name in all_headers if name not in of]
    return of, wrong


def staged_header(text, topic):
    """The header as part of its topic, with all lines where they were."""
    text = DEFAULTED.sub(r"\1  ///< Defaulted.", text)
    text = FRIEND_CLASS.sub(lambda match: "\n" * match[0].count("\n"), text)
    text = NAMESPACE.sub(rf"\1 /** @addtogroup {topic['id']} */ /** @{{ */", text)
    text = NAMESPACE_END.sub(r"/** @} */ \1", text)
    return text.replace("#pragma once", "/** @file */", 1)


def topics_text(topics):
    parts = [f"@defgroup {each['id']} {each['title']}\n{each['text'].strip()}\n" for each in topics]
    return "".join(f"/**\n{part}*/\n" for part in parts)


def samples(root):
    """Names and texts, without the marks of what the README shows."""
    files = [each for each in sorted((root / "samples").rglob("*")) if each.suffix in (".cpp", ".hpp")]
    return {each.relative_to(root / "samples").as_posix(): MARK.sub("", each.read_text(encoding="utf-8")) for each in files}


def prepare(root, folder):
    topics = tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topic"]
    of, wrong = topic_of_each(topics, headers(root))
    pages = docs_pages.writer(docs_pages.all_pages(root))
    for topic in topics:
        for chapter in topic.get("chapters", []):
            if chapter not in pages.pages and (root / "docs/guide").is_dir():
                wrong.append(f"docs/site/topics.toml: {topic['id']}: there is no {chapter}")

    def put(path, text):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")

    order = []  # of the pages in the tree
    for page in pages.pages.values():
        order.append(page.path.with_name("README.md" if page.id == "readme" else f"{page.id}.md"))
        put(order[-1], pages.write(page))
    wrong += pages.wrong
    for name, topic in of.items():
        text = (root / "include/sluice" / name).read_text(encoding="utf-8")
        put(f"include/sluice/{name}", staged_header(text, topic))
    put("inputs", "INPUT = " + " ".join(f'"{folder / each}"' for each in [*order, *(f"include/sluice/{name}" for name in of), *DOX]) + "\n")
    put("topics.dox", topics_text(topics))
    put("namespaces.dox", NAMESPACES.read_text(encoding="utf-8"))
    for name, text in samples(root).items():
        put(f"samples/{name}", text)
    put("samples.dox", "".join(f"/** @example {name} */\n" for name in samples(root)))
    return wrong


def self_test():
    docs_mermaid.self_test()
    with tempfile.TemporaryDirectory() as folder:
        docs_pages.self_test(pathlib.Path(folder))
    topics = [{"id": "a", "title": "A", "headers": ["x.hpp"]}, {"id": "b", "headers": ["x.hpp", "y.hpp"]}]
    of, wrong = topic_of_each(topics, ["x.hpp", "z.hpp"])
    assert len(wrong) == 3 and "no topic has z.hpp" in wrong[2], wrong
    text = "#pragma once\nnamespace sluice {\nstruct s {\n    s() = default;\n    s(int);\n    friend class t;\n};\n}  // namespace sluice\n"
    made = staged_header(text, topics[0])
    assert "friend" not in made and made.count("\n") == text.count("\n"), made
    assert "s() = default;  ///< Defaulted.\n    s(int);" in made and "/** @{ */\nstruct s" in made, made
    print("self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    wrong = prepare(ROOT, pathlib.Path(sys.argv[1]))
    for each in wrong:
        print(each)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
