"""The addresses of the desk, below `desk/`. A page that `tabs.TABS` names is in the tabs as soon as it is here."""

from django.urls import path

from recommender.web.desk import (
    acts,
    doing,
    duplicates,
    health,
    home,
    jobs,
    quality,
    reach,
    reports,
    review,
    rules,
    undoing,
)

urlpatterns = [
    path("", home.desk, name="desk"),
    path("do", doing.do, name="desk_do"),
    path("review/", review.review, name="desk_review"),
    path("duplicates/", duplicates.duplicates, name="desk_duplicates"),
    path("duplicates/merge", duplicates.merge, name="desk_duplicates_merge"),
    path("duplicates/suggested", duplicates.merge_suggested, name="desk_duplicates_suggested"),
    path("duplicates/judge", duplicates.judge_pairs, name="desk_duplicates_judge"),
    path("duplicates/<int:track_id>/", duplicates.group, name="desk_duplicate_group"),
    path("acts/", acts.acts, name="desk_acts"),
    path("acts/<int:act_id>/", acts.act, name="desk_act"),
    path("acts/<int:act_id>/undo", undoing.undo, name="desk_undo"),
    path("jobs/states", jobs.job_states, name="desk_job_states"),
    path("jobs/<int:job_id>/stop", jobs.stop, name="desk_job_stop"),
    path("health/", health.health, name="desk_health"),
    path("health/retry", health.retry, name="desk_health_retry"),
    path("health/again", health.analyse_again, name="desk_health_again"),
    path("health/pause", health.switch_pause, name="desk_health_pause"),
    path("quality/", quality.quality, name="desk_quality"),
    path("quality/reach/", reach.reach, name="desk_quality_reach"),
    path("quality/<slug:flaw>/", quality.flawed, name="desk_quality_list"),
    path("reports/", reports.reports, name="desk_reports"),
    path("reports/<int:track_id>/", reports.of_track, name="desk_report"),
    path("reports/<int:track_id>/do", reports.do, name="desk_report_do"),
    path("rules/", rules.rules, name="desk_rules"),
    path("rules/draft", rules.draft, name="desk_rule_draft"),
    path("rules/<int:rule_id>/", rules.rule, name="desk_rule"),
    path("rules/<int:rule_id>/switch", rules.switch, name="desk_rule_switch"),
    path("rules/<int:rule_id>/delete", rules.delete, name="desk_rule_delete"),
]
