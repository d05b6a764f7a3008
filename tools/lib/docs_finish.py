#!/usr/bin/env python3
"""Finishes the site that Doxygen has made: names in code become links, pages and classes lead to each other, files that
pages speak of are shown, and every link leads somewhere.

usage: docs_finish.py SITE TAGS XML | --self-test
"""
import collections
import html
import pathlib
import re
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as xml

import docs_pages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAME = re.compile(r"(?:flow::|sluice::|testing::|core::)*[a-z]\w*(?:(?:::|\.)[a-z]\w*)*")
# In code only what says whose it is: flow::map, sluice::batch, out.emit(
QUALIFIED = re.compile(r"\b(?:flow|sluice|testing|core)(?:::\w+)+|(?<![\w.])(?:out|in)\.\w+(?=\()")
WRONG = re.compile(r'<a class="code hl_(?:variable|function|enumvalue)" href="[^"]*">(\w+)</a>|'
                   r'<a class="code[^"]*" href="[^"]*">((?!flow::|sluice::|testing::|core::)\w+::[^<]*)</a>')
FRAGMENT = re.compile(r'<div class="fragment">.*?<!-- fragment -->', re.DOTALL)
# Doxygen takes the name of a parameter, too, for whatever has that name.
PARAMETER = re.compile(r'(?:(?<=&amp;)<a class="el" href="[^"]*">|'
                       r'<a class="el" href="(?:namespace[^"]*|group__[^"]*|(?:class|struct)[^"]*#[^"]*)">)'
                       r"(\w+)</a>(?=[),=]|\.\.\.|&#160;=)")
TAG = re.compile(r"(<[^>]+>)")
TYPES = ("class", "struct", "concept")
# As the ends of a body are called in all examples: `out.emit(…)` is outlet::emit.
ENDS = {"out": "outlet", "in": "inlet"}
EXPLAIN = ("guide", "protocol", "design")
PAGES_SHOWN = 4


class names:
    """Where the public names are described, as the tag file says."""

    def __init__(self, tags):
        self.where, self.kinds, self.topic_of, self.topics, self.types = {}, {}, {}, {}, set()
        for compound in xml.parse(tags).getroot():
            kind, name = compound.get("kind"), compound.findtext("name")
            file = compound.findtext("filename", "")
            file += "" if file.endswith(".html") else ".html"
            if kind in TYPES:
                self.where[name], self.kinds[name] = file, kind
                self.types.add(name)
            if kind == "group":
                self.topics[name] = file
                for part in compound:
                    if part.tag in TYPES:
                        self.topic_of[part.text] = name
            if kind in (*TYPES, "namespace"):
                for member in compound.findall("member"):
                    self.member(name, member)
        self.short = {}
        for scope in ("sluice::core::", "sluice::testing::", "sluice::flow::", "sluice::"):  # the last one wins
            self.short.update({name.removeprefix(scope): name for name in self.where if name.startswith(scope)})

    def member(self, scope, member):
        name, anchor = f"{scope}::{member.findtext('name')}", member.findtext("anchor")
        place = f"{member.findtext('anchorfile')}#{anchor}"
        self.where.setdefault(name, place)
        if member.get("kind") in ("enumeration", "typedef"):
            self.types.add(name)
        for value in member.findall("enumvalue"):
            self.where.setdefault(f"{name}::{value.text}", f"{value.get('file')}#{value.get('anchor')}")

    def find(self, text, home=None):
        """The name that a piece of code in a page is of, or nothing. `home`: the class whose page it is."""
        text = html.unescape(text).strip()
        is_word = re.fullmatch(r"\w+", text)  # a word may be a variable or a parameter: it must be a type, then
        text = re.sub(r"\(.*\)$|\{.*\}$|<.*>$", "", re.sub(r"<[^<>]*>(?=\(|$)", "", text, count=1), flags=re.DOTALL)
        if not NAME.fullmatch(text):
            return None
        first, dot, rest = text.partition(".")
        if dot:
            text = f"{ENDS.get(first, first)}::{rest}"
        if home and not is_word and f"{home}::{text}" in self.where:
            return f"{home}::{text}"
        name = text if text in self.where else self.short.get(text)
        return name if name in self.types or not is_word else None


def linked(page, file, known, home):
    """The page with its code names as links, and the types that they lead to, with how often."""
    seen, parts, inside, code = collections.Counter(), TAG.split(page), 0, False
    for i, part in enumerate(parts):
        if part.startswith(("<a ", "<pre", "<script")):
            inside += 1
        elif inside and part.startswith(("</a>", "</pre>", "</script>")):
            inside -= 1
        elif part in ("<code>", "</code>"):
            code = part == "<code>"
        elif code and r"\|" in part:  # as it must be written in a table
            parts[i] = part.replace(r"\|", "|")
        elif code and not inside and parts[i + 1] == "</code>":
            name = known.find(part, home)
            if name and known.where[name] != file:
                parts[i] = f'<a class="el" href="{known.where[name]}">{part}</a>'
                seen[name if name in known.kinds else name.rpartition("::")[0]] += 1
    return "".join(parts), seen


def linked_code(fragment, file, known):
    """A piece of code with links where its names say whose they are. Doxygen takes a variable of that program for
    whatever has its name anywhere, and does not know what the flow in flow::map is."""
    fragment = WRONG.sub(r"\1\2", fragment)

    def link(match):
        name = known.find(match[0])
        if not name or known.where[name].partition("#")[0] == file:
            return match[0]
        return f'<a class="code" href="{known.where[name]}">{match[0]}</a>'

    parts, inside = TAG.split(fragment), False
    for i, part in enumerate(parts):
        if part.startswith("<"):
            inside = part.startswith(("<a ", '<span class="comment', '<span class="stringliteral'))
        elif not inside:
            parts[i] = QUALIFIED.sub(link, part)
    return "".join(parts)


class site:
    def __init__(self, root, folder, tags, pages, topics):
        self.root, self.folder, self.known, self.topics = root, folder, names(tags), topics
        self.pages = {page.file: page for page in pages}
        self.shown, self.wrong = {}, []
        self.texts = {each.name: each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.html"))}

    def link_names(self):
        homes = {file: name for name, file in self.known.where.items() if name in self.known.kinds}
        speak = collections.defaultdict(collections.Counter)  # of a type: the pages
        for file, text in self.texts.items():
            begin = text.find('<div class="contents">')
            body, seen = linked(text[begin:], file, self.known, homes.get(file))
            body = FRAGMENT.sub(lambda match: linked_code(match[0], file, self.known), body)
            body = PARAMETER.sub(r"\1", body)
            self.texts[file] = text[:begin] + body
            if file in self.pages and file.startswith(EXPLAIN):
                for name, count in seen.items():
                    speak[name][file] += count
        return speak

    def chapters_of(self, topic):
        by_path = {str(page.path): file for file, page in self.pages.items()}
        return [by_path[path] for path in self.topics[topic].get("chapters", []) if path in by_path]

    def lead_to_pages(self, speak):
        """Says on the page of a topic or a class what to read about it: first what explains its topic."""
        for topic, file in self.known.topics.items():
            self.put_aside(file, self.chapters_of(topic))
        for name in self.known.kinds:
            topic = self.known.topic_of.get(name)
            files = self.chapters_of(topic) if topic else []
            often = [file for file, count in speak[name].most_common() if count > 1]
            files += [file for file in often if file not in files][:PAGES_SHOWN]
            self.put_aside(self.known.where[name], files, topic)

    def describe_samples(self):
        """Says in the list of samples what each one is: the first sentence of its first comment."""

        def described(match):
            text = (self.root / "samples" / match[2]).read_text(encoding="utf-8")
            comment = " ".join(re.findall(r"^// ?(.*)", re.match(r"(?://.*\n)*", text)[0], re.MULTILINE))
            return f"{match[1]} {html.escape(comment.partition('. ')[0].rstrip('.'))}" if comment else match[1]

        entry = re.compile(r'(<a class="el" href="[^"]*-example.html"[^>]*>([^<]*)</a>)')
        self.texts["examples.html"] = entry.sub(described, self.texts["examples.html"])

    def put_aside(self, file, files, topic=None):
        links = [f'<a class="el" href="{each}">{html.escape(self.pages[each].title())}</a>' for each in files]
        if links and file in self.texts:
            text = f'<div class="read-about">Read about it: {" · ".join(links)}</div>'
            self.texts[file] = self.texts[file].replace('<div class="contents">', f'<div class="contents">\n{text}', 1)

    def resolve_files(self):
        """What is written repo:path, sealed, leads to the page of a header or a sample, or to a page that shows the file."""
        for file, text in self.texts.items():
            self.texts[file] = re.sub(r'((?:href|src|data)=")repo:([0-9a-f]*)', 
                                      lambda m: m[1] + self.place_of(bytes.fromhex(m[2]).decode()), text)
        for path, name in self.shown.items():
            self.texts.update(self.page_of(path, name))

    def place_of(self, path):
        name = pathlib.PurePosixPath(path).name
        if (self.root / path).is_dir() and path.startswith(("samples", "include")):
            return "examples.html" if path.startswith("samples") else "files.html"
        inside = path.removeprefix("samples/").replace("/", "_2").replace(".", "_8")
        sample, header = inside + "-example.html", name.replace("_", "__").replace(".", "_8") + ".html"
        if path.startswith("samples/") and sample in self.texts:
            return sample
        if path.startswith("include/") and header in self.texts:
            return header
        if path.endswith((".svg", ".png")):
            (self.folder / name).write_bytes((self.root / path).read_bytes())
            return name
        self.shown[path] = f"file_{re.sub(r'[^A-Za-z0-9]+', '_', path)}.html"
        return self.shown[path]

    def page_of(self, path, name):
        """The site's frame around the text of a file, or the names of what is in a folder."""
        full = self.root / path
        if full.is_dir():
            text = "\n".join(sorted(each.name + "/" * each.is_dir() for each in full.iterdir()))
        else:
            text = full.read_text(encoding="utf-8")
        frame = self.texts["pages.html"]
        begin = frame.index('<div class="contents">')
        end = frame.index("</div><!-- contents -->")
        title = re.compile(r'(<div class="title">|<title>).*?(</div>|</title>)')
        head = title.sub(lambda m: m[1] + ("Sluice: " if m[1] == "<title>" else "") + html.escape(path) + m[2], frame[:begin])
        return {name: f'{head}<div class="contents">\n<pre class="file">{html.escape(text)}</pre>\n{frame[end:]}'}

    def check_links(self):
        def without_empty(match):  # Doxygen leads to lists that it has left out, such as that of private classes
            return match[0] if f'name="{match[1]}"' in text else ""

        for file, text in self.texts.items():
            self.texts[file] = re.sub(r'<a href="#([a-z-]+)">[^<]*</a>(?: &#124;)?', without_empty, text)
        anchors = {file: set(re.findall(r'\b(?:id|name)="([^"]*)"', text)) for file, text in self.texts.items()}
        for file, text in self.texts.items():
            for target in set(re.findall(r'\b(?:href|src)="([^"]*)"', text)):
                if re.match(r"\w+:|//", target):
                    continue
                to, _, anchor = html.unescape(target).partition("#")
                to = to or file
                if to not in anchors and not (self.folder / to).exists():
                    self.wrong.append(f"{file}: {target} leads nowhere")
                elif anchor and to in anchors and anchor not in anchors[to]:
                    self.wrong.append(f"{file}: {target}: there is no such place")

    def finish(self):
        self.lead_to_pages(self.link_names())
        self.resolve_files()
        self.describe_samples()
        self.check_links()
        for file, text in self.texts.items():
            (self.folder / file).write_text(text, encoding="utf-8")
        for script in self.folder.glob("*.js"):  # the tree of pages shows tags of titles as they are
            text = script.read_text(encoding="utf-8")
            if "<tt>" in text:
                script.write_text(re.sub("</?tt>", "", text), encoding="utf-8")
        return self.wrong


def undocumented(folder):
    """Names without a comment that Doxygen says nothing of, such as concepts and the values of an enumeration."""
    found = []
    for file in sorted(folder.glob("*sluice*.xml")):
        compound = xml.parse(file).getroot().find("compounddef")
        scope = compound.findtext("compoundname")
        if compound.get("prot") == "private":
            continue
        described = [(scope, compound)] if compound.get("kind") in (*TYPES, "namespace") else []
        for member in compound.iter("memberdef"):
            if member.get("prot") == "private":
                continue
            name = member.findtext("qualifiedname") or f"{scope}::{member.findtext('name')}"
            described += [(name, member)]
            described += [(f"{name}::{each.findtext('name')}", each) for each in member.iter("enumvalue")]
        for name, each in described:
            text = "".join(t for part in ("briefdescription", "detaileddescription") for t in each.find(part).itertext())
            is_plain = "~" in name or "delete" in (each.findtext("argsstring") or "")  # what else would it do?
            if not text.strip() and not is_plain:
                found.append(f"{name}: there is no comment that says what it is")
    return found


def self_test():
    tags = """<tagfile><compound kind="class"><name>sluice::outlet</name><filename>outlet.html</filename>
      <member kind="function"><name>emit</name><anchorfile>outlet.html</anchorfile><anchor>a1</anchor></member></compound>
      <compound kind="namespace"><name>sluice::flow</name><filename>flow.html</filename><member kind="function">
      <name>map</name><anchorfile>steps.html</anchorfile><anchor>a2</anchor></member></compound></tagfile>"""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "tags.xml"
        file.write_text(tags, encoding="utf-8")
        known = names(file)
    for text, name in [("outlet", "sluice::outlet"), ("sluice::outlet&lt;int&gt;", "sluice::outlet"),
                       ("out.emit(x)", "sluice::outlet::emit"), ("map", None), ("emit", None),
                       ("flow::map(f)", "sluice::flow::map"), ("a b", None), ("nothing", None)]:
        assert known.find(text) == name, (text, known.find(text))
    assert known.find("emit()", "sluice::outlet") == "sluice::outlet::emit"
    code = linked_code('<a class="code hl_variable" href="x">events</a> = flow::map(<a href="y">flow::map</a>)', "z", known)
    assert code == 'events = <a class="code" href="steps.html#a2">flow::map</a>(<a href="y">flow::map</a>)', code
    page = '<p><code>map(f)</code> <a href="x"><code>map(f)</code></a> <code>map(g)</code></p>'
    made, seen = linked(page, "p.html", known, None)
    assert made.count('href="steps.html#a2"') == 2 and seen == {"sluice::flow": 2}, (made, seen)
    print("self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    folder, tags, described = map(pathlib.Path, sys.argv[1:])
    wrong = undocumented(described)
    topics = tomllib.loads((ROOT / "docs/site/topics.toml").read_text(encoding="utf-8"))["topic"]
    wrong += site(ROOT, folder, tags, docs_pages.all_pages(ROOT), {each["id"]: each for each in topics}).finish()
    for each in wrong:
        print(each)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
