"""The rows of operational.db, told from a story: instants with seven digits and an offset.

The state tables (threads, tasks, messages) have another writer, and another form.
"""

import json
from collections.abc import Iterator
from typing import Any

from statelayer import words
from statelayer.instants import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    epoch_seconds,
    iso_text,
    now_text,
    offset_text,
)
from statelayer.story import Project, Run, Story

Row = dict[str, Any]

BIG_DIFF_LINES = 20_000
"""About a megabyte: one run rewrote the world."""

_ORDER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_METADATA = ("{}", "null", "[]", '{"model":"o-series","usage":{"in":812}}')
_WORKFLOWS = (None, "", "null", "[]", '["wf-review","wf-überprüfung"]')


def compact(value: Any) -> str:
    """Write JSON without spaces, and without escaping what need not be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def projects(story: Story) -> Iterator[Row]:
    """Yield the projects; the five answers of `allowed_workflow_ids` are all among them."""
    rng = story.random("projects")
    for number, project in enumerate(story.projects):
        yield {
            "project_id": project.project_id,
            "name": project.name,
            "origin_kind": ("blank", "github")[number % 2],
            "source_repository": f"octo/app-{number}" if number % 2 else None,
            "working_directory": f"C:\\work\\{project.owner}\\app {number}",
            "default_branch": ("main", "trunk")[number % 5 == 4],
            "owner": project.owner,
            "default_provider": words.pick(rng, words.PROVIDERS),
            "default_model_copilot": words.pick(rng, words.MODELS),
            "default_model_foundry": None,
            "state": "deleting" if project.deleting else "active",
            "created_at": offset_text(project.created),
            "updated_at": offset_text(project.created + int(rng.random() * 9 * DAY)),
            "max_ready_per_heartbeat": 3 + number % 3,
            "pickup_autopilot": int(number % 3 != 0),
            "pickup_auto_approve_tools": int(number % 4 == 0),
            "default_workflow_id": None if number % 2 else "wf-review",
            "active_review_policy_name": None if number % 3 else "two-eyes",
            "sandbox_profile": "" if number % 2 else None,
            "source_blueprint_id": words.hex_id(rng) if number % 2 else None,
            "source_blueprint_type": "team" if number % 2 else None,
            "allowed_workflow_ids": _WORKFLOWS[number % len(_WORKFLOWS)],
        }


def runs(story: Story) -> Iterator[Row]:
    """Yield every run of every campaign; one has a diff of a megabyte."""
    rng = story.random("runs")
    for number, run in enumerate(story.runs):
        lines = BIG_DIFF_LINES if number == 1 else 3 + number % 40
        yield {
            **_run_identity(run),
            "repository_path": f"/srv/repos/{run.project_id}",
            "originating_branch": "main",
            "task": words.prose(rng),
            "submitting_user": words.pick(rng, words.PEOPLE),
            "model_source": words.pick(rng, words.PROVIDERS),
            "result": words.prose(rng) if run.ended else None,
            "worktree_path": None if number % 3 else f"/srv/worktrees/{run.run_id}",
            "worktree_branch": None if number % 3 else f"agent/{run.run_id[:8]}",
            "tree_hash": words.hex_id(rng) if run.ended else None,
            "diff": words.diff(rng, lines) if run.ended and number % 2 else None,
            "merge_conflicts": _conflicts(run, number),
            "model_id": words.pick(rng, words.MODELS),
            "agent_charter": None if number % 4 else words.prose(rng),
            "reviewed_by": words.pick(rng, words.PEOPLE) if run.status == "merged" else None,
            "merged_commit_hash": words.hex_id(rng) if run.status == "merged" else None,
            "retried_from": None,
        }


def _run_identity(run: Run) -> Row:
    archived = run.ended if run.status == "declined" else None
    return {
        "run_id": run.run_id,
        "status": run.status,
        "started_at": offset_text(run.started),
        "ended_at": offset_text(run.ended) if run.ended else None,
        "project_id": run.project_id,
        "agent_name": run.agent,
        "workflow_run_id": run.workflow_run_id,
        "parent_run_id": run.parent_run_id,
        "subtask_id": run.subtask_id,
        "review_ready_at": offset_text(run.started + HOUR) if _was_reviewed(run) else None,
        "origin": run.origin,
        "archived_at": offset_text(archived + 3 * DAY // 2) if archived else None,
    }


def _was_reviewed(run: Run) -> bool:
    return run.status in ("merged", "declined", "awaiting_review", "merge_failed")


def _conflicts(run: Run, number: int) -> str | None:
    if run.status == "merge_failed":
        return compact([{"path": "src/ä.py", "ours": 12, "theirs": 1.50, "note": 'a "b"\n'}])
    return (None, "null", "[]")[number % 3]


def run_revisions(story: Story) -> Iterator[Row]:
    """Yield what reviewers said of the runs that were reviewed, one to three times each."""
    rng = story.random("run_revisions")
    reviewed = (run for run in story.runs if _was_reviewed(run))
    for run in reviewed:
        for number in range(1, 2 + int(rng.random() * 3)):
            comment = words.prose(rng)
            yield {
                "run_id": run.run_id,
                "revision_number": number,
                "reviewer_user": words.pick(rng, words.PEOPLE),
                "raw_comment": comment,
                "sanitized_comment": comment.replace("<", "&lt;").strip(),
                "previous_tree_hash": words.hex_id(rng),
                "created_at": offset_text(run.started + number * MINUTE + rng.getrandbits(28)),
            }


def workflow_runs(story: Story) -> Iterator[Row]:
    """Yield one workflow run for each campaign."""
    rng = story.random("workflow_runs")
    for frame in (campaign.frame for campaign in story.campaigns):
        yield {
            "workflow_run_id": frame.workflow_run_id,
            "project_id": frame.project.project_id,
            "task": words.prose(rng),
            "submitting_user": frame.project.owner,
            "started_at": offset_text(frame.opened),
            "orchestration_worktree_path": None if frame.number % 2 else f"/srv/o/{frame.number}",
        }


def backlog_tasks(story: Story) -> Iterator[Row]:
    """Yield open tasks in one order, and claimed and archived ones that repeat its keys.

    Those repetitions are what the predicates of the two partial unique indexes permit.
    """
    rng = story.random("backlog_tasks")
    for project in story.projects:
        for position in range(14):
            state = ("backlog", "ready")[position % 2]
            row = _backlog_task(story, project, state, position)
            yield {**row, "task_id": words.guid(rng), "title": words.pick(rng, words.TITLES)}
            if position % 4 == 0:
                archived = offset_text(project.created + 9 * DAY + position)
                yield {**row, "task_id": words.guid(rng), "title": "", "archived_at": archived}
    for campaign in story.campaigns:
        row = _backlog_task(story, campaign.frame.project, "claimed", 0)
        claimed = {"claimed_at": offset_text(campaign.frame.opened), "title": "claimed: 100% {me}"}
        yield {**row, **claimed, "task_id": words.guid(rng), "run_id": campaign.coordinator.run_id}


def _backlog_task(story: Story, project: Project, state: str, position: int) -> Row:
    rng = story.random(f"backlog_tasks:{project.project_id}:{position}")
    return {
        "project_id": project.project_id,
        "description": words.prose(rng) if position % 3 else None,
        "captured_by": words.pick(rng, words.PEOPLE),
        "state": state,
        "order_key": "a" + _ORDER[position * 17 % len(_ORDER)],
        "created_at": offset_text(project.created + position * HOUR + rng.getrandbits(30)),
        "committed_at": offset_text(project.created + DAY) if state != "backlog" else None,
        "claimed_at": None,
        "run_id": None,
        "archived_at": None,
        "workflow_override_id": None if position % 5 else "wf-hotfix",
        "source_file_path": None if position % 6 else "docs/plans/réunion.md",
    }


def cast_proposals(story: Story) -> Iterator[Row]:
    """Yield two proposed casts a project, one of them past its time."""
    rng = story.random("cast_proposals")
    for project in story.projects:
        for age in (1, 40):
            created = story.now - age * DAY - rng.getrandbits(30)
            agents = [{"name": name, "weight": rng.random()} for name in words.AGENTS[:3]]
            proposal = {"version": 2, "agents": agents, "why": words.prose(rng), "emoji": "🎭"}
            yield {
                "id": words.hex_id(rng),
                "project_id": project.project_id,
                "owner": project.owner,
                "proposal_json": compact(proposal),
                "created_at": offset_text(created),
                "expires_at": offset_text(created + 7 * DAY),
            }


def thread_id(campaign_number: int, part: int) -> str:
    """Return the id of a campaign's thread: each has two."""
    return f"thr_{campaign_number:05d}_{part}"


def threads(story: Story) -> Iterator[Row]:
    """Yield two threads a campaign; every second was last touched by SQLite's own clock."""
    rng = story.random("threads")
    for frame in (campaign.frame for campaign in story.campaigns):
        for part in range(2):
            created = frame.opened + part * MINUTE + rng.getrandbits(26)
            yield {
                "thread_id": thread_id(frame.number, part),
                "source": ("github", "chat")[part],
                "source_ref": ("null", '{"issue":17,"url":"https://example.org/?a=1&b=2"}')[part],
                "metadata": ("{}", '{"labels":[],"n":1.10,"e":1e3}')[frame.number % 2],
                "status": "idle" if frame.finished else ("running", "queued")[part],
                "created_at": iso_text(created // SECOND * SECOND if part else created),
                "updated_at": _touched(created + HOUR, by_sqlite=part == 1),
            }


def _touched(instant: int, *, by_sqlite: bool) -> str:
    return now_text(instant // SECOND) if by_sqlite else iso_text(instant)


def tasks(story: Story) -> Iterator[Row]:
    """Yield three tasks a campaign, in every status."""
    rng = story.random("tasks")
    statuses = ("completed", "failed", "cancelled", "running", "pending")
    for frame in (campaign.frame for campaign in story.campaigns):
        for part in range(3):
            status = statuses[(part + frame.number) % (3 if frame.finished else 5)]
            done = frame.opened + (part + 2) * MINUTE + rng.getrandbits(24)
            yield {
                "task_id": f"task_{frame.number:05d}_{part}",
                "thread_id": thread_id(frame.number, part % 2),
                "status": status,
                "payload": compact({"prompt": words.prose(rng), "temperature": 0.7, "top": []}),
                "result": {"completed": '{"ok":true}', "failed": "null"}.get(status),
                "created_at": iso_text(frame.opened + part * SECOND),
                "updated_at": _touched(done, by_sqlite=part != 0),
                "completed_at": iso_text(done) if status in statuses[:3] else None,
            }


def messages(story: Story) -> Iterator[Row]:
    """Yield six messages a campaign, a user and an assistant in turn."""
    rng = story.random("messages")
    for frame in (campaign.frame for campaign in story.campaigns):
        for part in range(6):
            yield {
                "thread_id": thread_id(frame.number, part // 3),
                "role": ("user", "assistant", "tool")[part % 3],
                "content": words.prose(rng, 3) if part % 5 else "",
                "metadata": _METADATA[part % len(_METADATA)],
                "created_at": iso_text(frame.opened + part * (SECOND + part % 2)),
            }


def locks(story: Story) -> Iterator[Row]:
    """Yield the locks somebody held when the files were copied."""
    for number in range(4):
        yield {
            "lock_key": f"project:{story.projects[number].project_id}",
            "owner": f"worker-{number}",
            "acquired_at": epoch_seconds(story.now - number * MINUTE - 5_000_001),
            "ttl_seconds": 30,
        }


def results(story: Story) -> Iterator[Row]:
    """Yield kept results: two in five have expired, one at this very moment."""
    rng = story.random("results")
    for number in range(5 * len(story.projects)):
        offset = (number % 5 - 1) * HOUR + (rng.getrandbits(30) if number % 5 != 1 else 0)
        yield {
            "key": f"result/{number:04d}/{words.pick(rng, words.TAGS)}",
            "value": words.prose(rng) if number % 3 else "",
            "expires_at": epoch_seconds(story.now + offset),
        }
