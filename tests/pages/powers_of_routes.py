"""What each route asks for and what each role may, written down once more for the walk of all routes."""

from services.review.cases.deciding import actions
from services.review.people.powers import Power, Role

OPEN_TO_ALL = {"/healthz", "/readyz", "/metrics", "/login", "/logout", "/openapi.json"}

READ, WORK, FIGURES, TEACH, RUN, LOG, EXPORT, SWITCH, PEOPLE = (
    Power.READ_CASES,
    Power.WORK_ON_CASES,
    Power.SEE_FIGURES,
    Power.TEACH,
    Power.RUN_IT,
    Power.READ_LOG,
    Power.EXPORT_LOG,
    Power.SWITCH_DRAFTING,
    Power.KEEP_PEOPLE,
)
EVERYBODY = None

ASKED_FOR: dict[tuple[str, str], Power | None] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/live"): READ,
    ("GET", "/cases/{request_id}"): READ,
    ("GET", "/cases/{request_id}/next"): READ,
    ("GET", "/cases/{request_id}/previous"): READ,
    ("GET", "/cases/{request_id}/presence"): READ,
    ("POST", "/cases/{request_id}/presence"): WORK,
    ("POST", "/cases/{request_id}/take-text"): WORK,
    ("POST", "/cases/{request_id}/{name}"): WORK,
    ("GET", "/keys"): READ,
    ("POST", "/preferences"): READ,
    ("POST", "/account/language"): EVERYBODY,
    ("POST", "/views"): READ,
    ("POST", "/views/{view_id}/rename"): READ,
    ("POST", "/views/{view_id}/delete"): READ,
    ("POST", "/bulk"): WORK,
    ("POST", "/cases/{request_id}/note"): WORK,
    ("POST", "/cases/{request_id}/put-aside"): WORK,
    ("GET", "/api/v1/cases"): READ,
    ("GET", "/api/v1/cases/{request_id}"): READ,
    ("GET", "/api/v1/cases/{request_id}/similar"): READ,
    ("PUT", "/api/v1/cases/{request_id}/edit"): WORK,
    ("PUT", "/api/v1/cases/{request_id}/texts"): WORK,
    ("GET", "/api/v1/stats"): READ,
    ("GET", "/api/v1/audit"): LOG,
    ("GET", "/api/v1/traces/{trace_id}"): EVERYBODY,
    ("GET", "/ops/traces/{trace_id}"): EVERYBODY,
    ("GET", "/api/v1/learning"): FIGURES,
    ("POST", "/api/v1/learning/{request_id}/accept"): TEACH,
    ("POST", "/api/v1/learning/{request_id}/decline"): TEACH,
    ("GET", "/quality"): FIGURES,
    ("GET", "/quality/pictures"): FIGURES,
    ("GET", "/quality/pictures/{name}.csv"): FIGURES,
    ("GET", "/quality/gaps"): FIGURES,
    ("POST", "/quality/gaps"): TEACH,
    ("GET", "/quality/learning"): FIGURES,
    ("POST", "/quality/learning/{request_id}"): TEACH,
    ("GET", "/ops"): RUN,
    ("GET", "/ops/dead-letters"): RUN,
    ("GET", "/ops/drafting"): RUN,
    ("POST", "/ops/drafting"): SWITCH,
    ("GET", "/api/v1/automation"): RUN,
    ("PUT", "/api/v1/automation"): SWITCH,
    ("GET", "/api/v1/safeguards"): EVERYBODY,
    ("PUT", "/api/v1/safeguards"): SWITCH,
    ("GET", "/safeguards"): EVERYBODY,
    ("POST", "/safeguards"): SWITCH,
    ("GET", "/api/v1/audit/export"): EXPORT,
    ("GET", "/audit"): EXPORT,
    ("GET", "/audit/export"): EXPORT,
    ("GET", "/admin"): PEOPLE,
    ("POST", "/admin/people"): PEOPLE,
    ("GET", "/admin/people/{email}"): PEOPLE,
    ("POST", "/admin/people/{email}/{action}"): PEOPLE,
    ("GET", "/admin/agencies"): PEOPLE,
    ("POST", "/admin/agencies"): PEOPLE,
    ("POST", "/admin/agencies/revoke"): PEOPLE,
    ("GET", "/account"): EVERYBODY,
    ("POST", "/account/password"): EVERYBODY,
    ("POST", "/account/sessions/end"): EVERYBODY,
    ("POST", "/account/tokens"): EVERYBODY,
    ("POST", "/account/tokens/end"): EVERYBODY,
} | {("POST", f"/api/v1/cases/{{request_id}}/{kind}"): WORK for kind in actions.ACTIONS}
"""What each route asks for, written down once more: a route that is not here fails the test below until somebody has said whose it is."""

MAY: dict[Role, set[Power]] = {
    Role.CASEWORKER: {READ, WORK},
    Role.SUPERVISOR: {READ, WORK, FIGURES, TEACH, RUN, LOG, EXPORT, SWITCH},
    Role.OPS: {RUN, LOG, EXPORT},
    Role.ADMIN: {RUN, LOG, EXPORT, SWITCH, PEOPLE},
    Role.AUDITOR: {READ, FIGURES, LOG, EXPORT},
}
"""The table of docs/security.md, written down once more."""
