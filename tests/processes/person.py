"""A person at the console of a deployment: logs in by the form, follows links, posts forms. No browser."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Person:
    def __init__(self, address: str, name: str, password: str) -> None:
        self._address = address
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.ProxyHandler({})
        )
        self.get("/console/login/")
        self.post("/console/login/", username=name, password=password)

    def get(self, path: str) -> str:
        """The page, whatever its status."""
        return self._open(urllib.request.Request(self._address + path))

    def post(self, path: str, **fields: str) -> str:
        """The page that it leads to."""
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken")
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        return self._open(urllib.request.Request(self._address + path, body, {"Referer": self._address + path}))

    def everything(self, start: str, most: int) -> dict[str, str]:
        """Page by page along the console's own links, breadth first; by path."""
        pages: dict[str, str] = {}
        ahead = [start]
        while ahead and len(pages) < most:
            path = ahead.pop(0)
            pages[path] = page = self.get(path)
            found = re.findall(r'href="(/console/[^"#]*)"', page)
            kinds = {_kind(known) for known in (*pages, *ahead)}
            for link in dict.fromkeys(found):
                # One of each kind of page is enough: what differs is whose data it shows.
                if "logout" not in link and (kind := _kind(link)) not in kinds:
                    kinds.add(kind)
                    ahead.append(link)
        return pages

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.read().decode(errors="replace")


def _kind(path: str) -> str:
    """Without ids and conditions: `/console/invoices/in_1/` and `/console/invoices/in_2/` are of one kind."""
    return re.sub(r"/[^/]*\d[^/]*(?=/|$)", "/*", path.partition("?")[0])
