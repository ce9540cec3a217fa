"""Every address of the product. Everything needs a signed-in person unless its view says otherwise."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern

from steerco.site import accounts, fields, imports, nodes, packs, people, plan, search


class AtFirstCall(URLResolver):
    """Addresses of a module that is loaded when one of them is asked for: building the API is half of a start."""

    def _populate(self) -> None:
        if "urlconf_module" in vars(self):
            super()._populate()


urlpatterns = [
    path("", nodes.home, name="home"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-in/once/<str:token>/", accounts.sign_in_once, name="sign-in-once"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/tokens", accounts.new_token, name="account-tokens"),
    path("account/tokens/<int:token_id>/revoke", accounts.revoke_token, name="account-token-revoke"),
    path("search/", search.search, name="search"),
    path("palette", search.palette, name="palette"),
    path("my/", nodes.my_work, name="my-work"),
    AtFirstCall(RoutePattern("api/v1/"), "steerco.site.api", app_name="ninja", namespace="api"),
    path("n/<slug:key>/", nodes.overview, name="node"),
    path("n/<slug:key>/pulse", nodes.pulse, name="pulse"),
    path("n/<slug:key>/recompute", nodes.recompute, name="recompute"),
    path("n/<slug:key>/changes/", nodes.changes, name="changes"),
    path("n/<slug:key>/evidence/", nodes.evidence_list, name="evidence-list"),
    path("n/<slug:key>/evidence/<int:reading_id>/", nodes.evidence, name="evidence"),
    path("n/<slug:key>/forecast/", nodes.forecast, name="forecast"),
    path("n/<slug:key>/settings/", nodes.node_settings, name="node-settings"),
    path("n/<slug:key>/fields/", fields.custom_fields, name="custom-fields"),
    path("n/<slug:key>/fields/<int:field_id>/remove", fields.remove_field, name="custom-field-remove"),
    path("n/<slug:key>/add/", nodes.node_new, name="node-new"),
    path("n/<slug:key>/people/", people.people, name="people"),
    path("n/<slug:key>/people/grant", people.grant, name="grant"),
    path("n/<slug:key>/people/revoke", people.revoke, name="revoke"),
    path("n/<slug:key>/people/link", people.one_time_link, name="one-time-link"),
    path("n/<slug:key>/gantt/", plan.gantt, name="gantt"),
    path("n/<slug:key>/gantt.json", plan.gantt_data, name="gantt-data"),
    path("n/<slug:key>/gantt/preview", plan.preview, name="gantt-preview"),
    path("n/<slug:key>/gantt/move", plan.move, name="gantt-move"),
    path("n/<slug:key>/import/", imports.start, name="import"),
    path("n/<slug:key>/import/<int:run_id>/", imports.receipt, name="import-receipt"),
    path("n/<slug:key>/import/job/<int:job_id>/", imports.look, name="import-job"),
    path("n/<slug:key>/import/job/<int:job_id>/apply", imports.apply, name="import-apply"),
    path("n/<slug:key>/packs/", packs.packs, name="packs"),
    path("n/<slug:key>/packs/build", packs.build, name="pack-build"),
    path("n/<slug:key>/packs/<int:pack_id>.<slug:suffix>", packs.download, name="pack-download"),
    path("", include("steerco.kit.urls")),
    *staticfiles_urlpatterns(),
]
handler404 = "steerco.site.nodes.not_found"
