"""An OpenAI-compatible model endpoint with moods, on a real socket in the test's own process."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

Mood = Literal["answers", "refuses", "breaks off", "hangs", "talks nonsense", "sends on", "echoes"]


class ModelEndpoint:
    """An OpenAI-compatible endpoint that does what its mood says, and remembers all that it was told."""

    def __init__(self) -> None:
        self.mood: Mood = "answers"
        self.elsewhere = ""
        self.requests: list[str] = []
        self._let_go = threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                endpoint.requests.append(body.decode())
                endpoint._answer(self, json.loads(body))

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.mood = "answers"
        self.let_go()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """For PARVIS_LLM_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def let_go(self) -> None:
        """Ends the connections that hang, unanswered."""
        hanging, self._let_go = self._let_go, threading.Event()
        hanging.set()

    def _answer(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        match self.mood:
            case "answers":
                self._say(handler, json.dumps(good_answer(request)))
            case "talks nonsense":
                self._say(handler, "Certainly! <b>Your lamp is {{fixed")
            case "refuses":
                handler.send_response(503)
                handler.send_header("Content-Length", "0")
                handler.end_headers()
            case "echoes":  # as servers do that find the prompt too long, or not to their liking
                refusal = json.dumps(
                    {"error": {"message": f"cannot answer: {request['messages']}", "code": request["messages"][-1]["content"]}}
                ).encode()
                handler.send_response(400)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", str(len(refusal)))
                handler.end_headers()
                handler.wfile.write(refusal)
            case "sends on":
                handler.send_response(307)
                handler.send_header("Location", f"{self.elsewhere}/chat/completions")
                handler.send_header("Content-Length", "0")
                handler.end_headers()
            case "breaks off":
                handler.send_response(200)
                handler.send_header("Content-Length", "5000")
                handler.end_headers()
                handler.wfile.write(b'{"choices": [')
                handler.close_connection = True
            case "hangs":
                self._let_go.wait()
                handler.close_connection = True

    def _say(self, handler: BaseHTTPRequestHandler, content: str) -> None:
        body = json.dumps(
            {
                "id": "one",
                "object": "chat.completion",
                "created": 0,
                "model": "fake",
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
                "usage": {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366},
            }
        ).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def good_answer(request: dict[str, Any]) -> dict[str, Any]:
    """A reply that rests on the first passage of the prompt, word for word; to whoever only tries it, that it works."""
    prompt = "\n".join(message["content"] for message in request["messages"])
    passages = [json.loads(line) for line in prompt.splitlines() if re.match(r'\{.*"passage_id"', line)]
    if not passages:
        return {"ok": True}
    sentence = re.split(r"(?<=\.)\s", passages[0]["text"].strip())[0]
    return {
        "subject": "Your message",
        "body": f"Hello,\n\nThank you for writing to us.\n\n{sentence}\n\nYour city",
        "citations": [{"passage_id": passages[0]["passage_id"], "quote": sentence}],
    }
