import collections, http.server, json, os, pathlib, re, shutil, tempfile
HOME, SECRET = pathlib.Path(tempfile.mkdtemp()), "Bearer " + os.environ["WORDS_SECRET"]

def count(run, tool, options, inputs):
    words = collections.Counter()
    for n, file in enumerate(inputs):
        words.update((run / f"inputs-{n}").read_text("utf-8", "replace").lower().split())
        yield {"progress": (n + 1) / len(inputs), "message": "Counted " + file["name"]}
    if not words:
        return (yield {"error": {"code": "no_words", "message": "There are no words in the files."}})
    lines = [f"{number} {word}\n" for word, number in words.most_common() if number >= options["least"]]
    (run / "outputs-0").write_text("".join(lines) or "none\n", "utf-8")
    yield {"done": {"outputs": [{"name": "words.txt"}], "data": {"words": words.total()}}}

class Service(http.server.BaseHTTPRequestHandler):
    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = re.fullmatch(r"/(describe|runs/([\w-]+)(?:/(inputs|outputs)/(\d+))?)", self.path)
        if not path or self.headers["Authorization"] != SECRET: return self.send_error(404)
        run, answer = HOME / (path[2] or "describe"), [b'{"protocol": 1, "tools": [{"name": "text-words"}]}']
        run.mkdir(exist_ok=True)
        if self.command == "PUT": (run / f"inputs-{path[4]}").write_bytes(body)
        if self.command == "POST": answer = (json.dumps(line).encode() + b"\n" for line in count(run, **json.loads(body)))
        if self.command == "GET" and path[2]: answer = [(run / f"outputs-{path[4]}").read_bytes()]
        if self.command == "DELETE": shutil.rmtree(run)
        self.send_response(200)
        if self.command != "POST": self.send_header("Content-Length", len(answer[0]))
        self.end_headers()
        for part in answer: self.wfile.write(part)
    do_GET = do_PUT = do_POST = do_DELETE = serve

http.server.ThreadingHTTPServer(("localhost", int(os.environ["PORT"])), Service).serve_forever()
