"""The addresses of the desk, below `desk/`. A page that `tabs.TABS` names is in the tabs as soon as it is here."""

from django.urls import path

from recommender.web.desk import acts, doing, duplicates, home, jobs, review, rules, undoing

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
    path("rules/", rules.rules, name="desk_rules"),
    path("rules/draft", rules.draft, name="desk_rule_draft"),
    path("rules/<int:rule_id>/", rules.rule, name="desk_rule"),
    path("rules/<int:rule_id>/switch", rules.switch, name="desk_rule_switch"),
    path("rules/<int:rule_id>/delete", rules.delete, name="desk_rule_delete"),
]
