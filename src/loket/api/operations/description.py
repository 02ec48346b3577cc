"""The description of the API by itself, and where a problem's address leads."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from loket.api import answers, openapi
from loket.api.problems import KINDS
from loket.api.surface import operation
from loket.kernel.text import marked
from loket.web.access import Public
from loket.web.words import language


@operation(
    "GET",
    "/openapi.json",
    rule=Public(),
    answers={200: dict[str, object], 304: None},
    tag="description",
    summary=marked("Read this description"),
    about=marked("OpenAPI 3.1, made from what runs."),
)
def read_description(request: HttpRequest) -> HttpResponse:
    return answers.lasting(request, openapi.description(), {})


@operation(
    "GET",
    "/problems/{code}",
    rule=Public(),
    answers={302: None},
    tag="description",
    summary=marked("Go to where a problem is explained"),
    about=marked("To the page for people."),
    problems=(404,),
)
def explain_problem(request: HttpRequest, code: str) -> HttpResponse:
    if not any(kind.code == code for kind in KINDS):
        raise Http404
    return HttpResponseRedirect(f"/{language()}/developers/#problem-{code}")
