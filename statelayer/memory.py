"""The rows of memory.db, told from a story: instants with an offset, trailing zeros trimmed.

Ids of the coordination tables come from the story, since runs refer to them; elsewhere every
sixth id is missing, as if its row had been deleted.
"""

from collections.abc import Iterator

from statelayer import words
from statelayer.instants import DAY, HOUR, MINUTE, SECOND, trimmed_text
from statelayer.operational import Row, compact
from statelayer.story import Campaign, Project, Story

_KINDS = ("architecture", "process", "naming")


def _gapped(number: int) -> int:
    """Return the id of the row at a position, 1, 2, 3, 4, 5, 7, 8 …: every sixth is missing."""
    return 1 + number + number // 5


def _rounded(instant: int, number: int) -> int:
    """Drop digits from some instants, so that every length of fraction is there to be trimmed."""
    step: int = 10 ** (number % 8)
    return instant // step * step


def decisions(story: Story) -> Iterator[Row]:
    """Yield eight decisions a project; a superseded one points forward, to a later row."""
    rng = story.random("decisions")
    total = 8 * len(story.projects)
    for number in range(total):
        project = story.projects[number % len(story.projects)]
        superseded = number % 3 == 0 and number + 2 < total
        created = _rounded(project.created + number * HOUR + rng.getrandbits(33), number)
        yield {
            "id": _gapped(number),
            "project_id": project.project_id,
            "agent_name": words.pick(rng, words.AGENTS),
            "type": _KINDS[number % 3],
            "status": "superseded" if superseded else "active",
            "title": words.pick(rng, words.TITLES),
            "content": words.prose(rng, 3),
            "rationale": words.prose(rng) if number % 2 else None,
            "tags": words.tags(rng),
            "superseded_by_id": _gapped(number + 2) if superseded else None,
            "created_at": trimmed_text(created),
            "updated_at": trimmed_text(_rounded(created + DAY, number + 3)),
        }


def decision_inbox(story: Story) -> Iterator[Row]:
    """Yield five proposals a project; the merged ones name the decision they became."""
    rng = story.random("decision_inbox")
    for number in range(5 * len(story.projects)):
        project = story.projects[number % len(story.projects)]
        merged = number % 2 == 0
        created = _rounded(project.created + number * HOUR + rng.getrandbits(33), number)
        yield {
            "id": _gapped(number),
            "project_id": project.project_id,
            "agent_name": words.pick(rng, words.AGENTS),
            "slug": f"proposal-{number // len(story.projects)}-naïve",
            "type": _KINDS[number % 3],
            "title": words.pick(rng, words.TITLES),
            "content": words.prose(rng),
            "rationale": "" if number % 4 else None,
            "status": "merged" if merged else "pending",
            "decision_id": _gapped(number) if merged else None,
            "merged_at": trimmed_text(created + HOUR) if merged else None,
            "created_at": trimmed_text(created),
            "updated_at": trimmed_text(created + HOUR),
        }


def agent_memory(story: Story) -> Iterator[Row]:
    """Yield what each project's agents remember."""
    rng = story.random("agent_memory")
    for number in range(10 * len(story.projects)):
        project = story.projects[number % len(story.projects)]
        created = _rounded(project.created + number * MINUTE + rng.getrandbits(40), number)
        yield {
            "id": _gapped(number),
            "project_id": project.project_id,
            "agent_name": words.AGENTS[number % len(words.AGENTS)],
            "session_id": _session_id(project, number % 3) if number % 2 else None,
            "type": ("fact", "preference", "lesson")[number % 3],
            "importance": ("low", "medium", "high")[number % 3],
            "content": words.prose(rng),
            "tags": words.tags(rng),
            "created_at": trimmed_text(created),
            "updated_at": trimmed_text(created),
        }


def _session_id(project: Project, number: int) -> str:
    return f"session-{project.project_id[:8]}-{number}"


def session_contexts(story: Story) -> Iterator[Row]:
    """Yield three sessions a project; the serialised state names its "$type" first."""
    rng = story.random("session_contexts")
    issues = (None, "null", "[]", '["#12","naïve \\"quotes\\""]')
    for number in range(3 * len(story.projects)):
        project = story.projects[number // 3]
        started = _rounded(story.now - number * HOUR - rng.getrandbits(33), number)
        state = {"$type": "Agent.State, App", "a": 1, "turns": [{"$type": "Turn", "n": number}]}
        yield {
            "id": _gapped(number),
            "project_id": project.project_id,
            "session_id": _session_id(project, number % 3),
            "focus_area": words.pick(rng, words.TITLES),
            "active_issues": issues[number % 4],
            "summary": words.prose(rng) if number % 2 else None,
            "serialized_state": (compact(state), "", None)[number % 3],
            "started_at": trimmed_text(started),
            "ended_at": trimmed_text(started + HOUR) if number % 3 else None,
        }


def outcome_specs(story: Story) -> Iterator[Row]:
    """Yield what each campaign is to bring about."""
    rng = story.random("outcome_specs")
    for campaign in story.campaigns:
        frame = campaign.frame
        yield {
            "id": campaign.spec_id,
            **_belongs(campaign),
            "goal": words.pick(rng, words.TITLES),
            "desired_outcome": words.prose(rng),
            "scope": words.prose(rng),
            "assumptions": "" if frame.number % 3 else words.prose(rng),
            "clarifying_questions": None if frame.number % 2 else "1. Why?\n2. Why now?",
            "status": "confirmed" if frame.finished else "draft",
            "confirmed_by": frame.project.owner if frame.finished else None,
            "created_at": trimmed_text(_rounded(frame.opened, frame.number)),
            "updated_at": trimmed_text(_rounded(frame.opened + HOUR, frame.number)),
        }


def _belongs(campaign: Campaign) -> Row:
    return {
        "project_id": campaign.frame.project.project_id,
        "coordinator_run_id": campaign.coordinator.run_id,
    }


def work_plans(story: Story) -> Iterator[Row]:
    """Yield one plan for each campaign."""
    rng = story.random("work_plans")
    for campaign in story.campaigns:
        frame = campaign.frame
        yield {
            "id": campaign.plan_id,
            "outcome_spec_id": campaign.spec_id,
            **_belongs(campaign),
            "isolation_summary": words.prose(rng) if frame.number % 2 else None,
            "integration_branch": f"integration/{campaign.plan_id}",
            "workflow_id": None if frame.number % 3 else "wf-review",
            "status": "completed" if frame.finished else "executing",
            "assembly_stage": "done" if frame.finished else None,
            "assembly_started_at": trimmed_text(frame.closed - HOUR) if frame.finished else None,
            "created_at": trimmed_text(frame.opened + 7 * SECOND),
            "updated_at": trimmed_text(_rounded(frame.closed, frame.number)),
        }


def subtasks(story: Story) -> Iterator[Row]:
    """Yield the parts of every plan."""
    rng = story.random("subtasks")
    for campaign in story.campaigns:
        for subtask in campaign.subtasks:
            failed = subtask.status == "failed"
            yield {
                "id": subtask.subtask_id,
                "work_plan_id": campaign.plan_id,
                "title": words.pick(rng, words.TITLES),
                "scope": words.prose(rng),
                "assigned_agent": subtask.agent,
                "selected_model_id": words.pick(rng, words.MODELS),
                "phase": ("build", "test")[subtask.subtask_id % 2],
                "isolation_strategy": ("worktree", "shared")[subtask.subtask_id % 2],
                "status": subtask.status,
                "child_run_id": subtask.run_id,
                "locked_out_agents": compact([subtask.agent])
                if failed
                else (None, "[]")[subtask.subtask_id % 2],
                "recovery_attempts": 2 if failed else 0,
                "recovery_guidance": words.prose(rng) if failed else None,
                "agent_charter": None,
                "created_at": trimmed_text(campaign.frame.opened + MINUTE),
                "updated_at": trimmed_text(_rounded(campaign.frame.closed, subtask.subtask_id)),
            }


def subtask_dependencies(story: Story) -> Iterator[Row]:
    """Yield which part waits for which."""
    number = 0
    for subtask in (part for campaign in story.campaigns for part in campaign.subtasks):
        for before in subtask.depends_on:
            yield {
                "id": _gapped(number),
                "subtask_id": subtask.subtask_id,
                "depends_on_subtask_id": before,
            }
            number += 1


def steering_directives(story: Story) -> Iterator[Row]:
    """Yield what people told the coordinators while they worked."""
    rng = story.random("steering_directives")
    for number, campaign in enumerate(story.campaigns):
        created = campaign.frame.opened + 3 * HOUR
        yield {
            "id": _gapped(number),
            "coordinator_run_id": campaign.coordinator.run_id,
            "target_child_run_id": campaign.runs[1].run_id if number % 2 else None,
            "kind": ("redirect", "pause", "amend")[number % 3],
            "instruction": words.prose(rng),
            "status": "relayed" if campaign.frame.finished else "queued",
            "created_by": campaign.frame.project.owner,
            "created_at": trimmed_text(created),
            "relayed_at": trimmed_text(created + SECOND) if campaign.frame.finished else None,
        }
