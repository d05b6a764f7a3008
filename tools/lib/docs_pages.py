"""The project's Markdown pages as Doxygen wants them: with labels for headings, links to labels, drawings."""
import pathlib
import re

import docs_mermaid

FENCE = re.compile(r"^( *)(```+)\s*(\S*)[^\n]*\n(.*?)^ *\2 *$\n?", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.MULTILINE)
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)(?: \"[^\"]*\")?\)")
BOLD = re.compile(r"\*\*(?=\S)((?:(?!\n\n).)+?)(?<=\S)\*\*", re.DOTALL)
EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])((?:(?!\n\n)[^*])+?)(?<=\S)\*(?![\w*])")
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
PAGES = ["README.md", "docs/guide/README.md", "docs/guide/*.md", "docs/protocol.md", "docs/design/README.md",
         "docs/design/*.md", "docs/*.md", "samples/**/README.md", "benchmarks/README.md", "benchmarks/**/*.md",
         "CONTRIBUTING.md", "CHANGELOG.md"]
PARSED = {"cpp": ".cpp", "c++": ".cpp", "python": ".py"}


def page_id(path):
    """docs/design/README.md is design; docs/design/gcc12.md is design_gcc12."""
    name = re.sub(r"^docs/", "", str(path))
    name = re.sub(r"(?<=\w)/README\.md$", "", name).removesuffix(".md")
    return re.sub(r"\W+", "_", name).lower()


def slug(heading):
    """What GitHub makes of a heading: the part behind # in a link."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r" ", "-", re.sub(r"[^\w\- ]", "", plain.lower()))


def headings_of(text):
    """(level, title, slug) of each heading, outside of code."""
    seen, found = {}, []
    for match in HEADING.finditer(FENCE.sub(lambda m: "\n" * m.group(0).count("\n"), text)):
        name = slug(match[2])
        count = seen[name] = seen.get(name, -1) + 1
        found.append((len(match[1]), match[2], name if count == 0 else f"{name}-{count}"))
    return found


def sealed(path):
    """The path as Doxygen finds nothing in it that it knows."""
    return path.encode().hex()


class page:
    """One page, and what is needed of all others to link to them."""

    def __init__(self, root, path):
        self.root, self.path, self.id = root, pathlib.PurePosixPath(path), page_id(path)
        self.text = COMMENT.sub("", (root / path).read_text(encoding="utf-8"))
        if not self.text.startswith("# "):
            self.text = f"# {self.path.stem.capitalize() if self.path.stem.isupper() else self.path.stem}\n\n{self.text}"
        self.headings = headings_of(self.text)
        self.file = "index.html" if self.id == "readme" else f"{self.id}.html"
        self.anchors = {name: self.label(name) for _, _, name in self.headings[1:]}

    def title(self):
        return re.sub(r"[`*]", "", self.headings[0][1])

    def label(self, anchor):
        return f"{self.id}-{re.sub(r'[^A-Za-z0-9_-]', '_', anchor)}"

    def is_index_of(self, other):
        return self.path.name == "README.md" and self.id != "readme" and other.path.parent == self.path.parent and other is not self


def all_pages(root):
    paths = dict.fromkeys(each.relative_to(root) for pattern in PAGES for each in sorted(root.glob(pattern)))
    return [page(root, each) for each in paths]


class writer:
    """Writes pages for Doxygen, and notes what is wrong with them."""

    def __init__(self, pages):
        self.pages = {str(each.path): each for each in pages}
        self.wrong = []

    def write(self, which):
        parts, at = [], 0
        self.page, self.labels, self.children = which, iter(which.headings), set()
        for match in FENCE.finditer(which.text):
            parts += [self.prose(which.text[at:match.start()]), self.fenced(match)]
            at = match.end()
        parts.append(self.prose(which.text[at:]))
        return "".join(parts)

    def fenced(self, match):
        indent, _, language, code = match.groups()
        if language == "mermaid":
            try:
                return f"{indent}@dot\n{docs_mermaid.as_dot(code)}{indent}@enddot\n"
            except docs_mermaid.not_understood:
                pass  # it is shown as it is written
        return f"{indent}```{{{PARSED.get(language, '.unparsed')}}}\n{code}{indent}```\n"

    def prose(self, text):
        parts, at = [], 0
        for span in CODE_SPAN.finditer(text):
            parts += [text[at:span.start()], span]
            at = span.end()
        parts.append(text[at:])
        # Code spans are out of the way while links and headings are looked for.
        spans = [part.group(0) for part in parts if not isinstance(part, str)]
        marked = "".join(part if isinstance(part, str) else "\0" for part in parts)
        # Doxygen finds no code and no end of a line within these.
        marked = BOLD.sub(r"<b>\1</b>", LINK.sub(self.link, HEADING.sub(self.heading, marked)))
        marked = EMPHASIS.sub(r"<em>\1</em>", marked)
        spans.reverse()
        return re.sub("\0", lambda _: spans.pop(), marked)

    def heading(self, match):
        level, _, name = next(self.labels)
        if self.page.id == "readme":  # its sections would come first in the tree of pages
            return match.group(0) if level == 1 else f'<h{level}>@anchor {self.page.label(name)} {match[2]}</h{level}>'
        if level == 1:
            return f"{match.group(0)} {{#{self.page.id}}}"
        return f"{match.group(0)} {{#{self.page.label(name)}}}"

    def link(self, match):
        is_image, text, target = match.groups()
        if re.match(r"\w+:", target):
            return match.group(0)
        text = text.replace("\n", " ")
        where, _, anchor = target.partition("#")
        path = self.resolve(where)
        if path is None:
            self.wrong.append(f"{self.page.path}: {target} leads nowhere")
            return text
        if is_image:
            return f'<img src="repo:{sealed(path)}" alt="{text}"/>'
        to = self.pages.get(path) or self.pages.get(f"{path}/README.md")
        if not to:
            return f'<a href="repo:{sealed(path)}">{text}</a>'
        if anchor and anchor not in to.anchors:
            self.wrong.append(f"{self.page.path}: {target}: there is no such heading")
        if not anchor and self.page.is_index_of(to) and to.id not in self.children and not re.search('["\0]', text):
            self.children.add(to.id)  # so it stands below this one in the tree of pages
            return f'@subpage {to.id} "{text}"'
        return f'<a href="{to.file}{"#" + to.anchors.get(anchor, "") if anchor else ""}">{text}</a>'

    def resolve(self, where):
        """The path in the project that a link names, or nothing if it leads out of it or to nothing."""
        if not where:
            return str(self.page.path)
        full = (self.page.root / self.page.path.parent / where).resolve()
        root = self.page.root.resolve()
        return full.relative_to(root).as_posix() if full.exists() and full.is_relative_to(root) else None


def self_test(folder):
    def put(path, text):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        return page(folder, path)

    main = put("README.md", "# Sluice\n\nSee [x](docs/x.md#b-c), [s](s.cpp), `[a](b)`.\n\n**bold `c`** *`d`\ne* 2 * 3 * 4\n\n```cpp\n# no\n[](int i) {}\n```\n")
    other = put("docs/x.md", "Text.\n\n## `B` c\n\n[up](../README.md) [no](y.md) [bad](#d)\n\n## b c\n")
    index = put("docs/d/README.md", "# D\n\n[y](y.md) and [y](y.md)\n")
    below = put("docs/d/y.md", "# Y\n")
    (folder / "s.cpp").touch()
    out = writer([main, other, index, below])
    assert (main.id, other.id, index.id) == ("readme", "x", "d"), (main.id, other.id, index.id)
    text = out.write(main)
    assert '<a href="x.html#x-b-c">x</a>, <a href="repo:732e637070">s</a>, `[a](b)`.' in text, text
    assert "<b>bold `c`</b> <em>`d`\ne</em> 2 * 3 * 4 ```{.cpp}\n# no\n[](int i) {}\n```" in text.replace("\n\n", " "), text
    assert out.write(index).count("@subpage d_y \"y\"") == 1
    assert not out.wrong
    text = out.write(other)
    assert text.startswith("# x {#x}") and "## `B` c {#x-b-c}" in text and "## b c {#x-b-c-1}" in text, text
    assert [each.split(": ")[1] for each in out.wrong] == ["y.md leads nowhere", "#d"], out.wrong
