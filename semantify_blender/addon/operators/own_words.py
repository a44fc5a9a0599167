"""Training sliders for words of one's own: the list of words, the child that trains, and what came of it."""

from pathlib import Path

import bpy

from .. import catalogue, jobs
from ..selection import active_character, is_character
from ..state import memory
from .bases import Reporting
from .waiting import JobOperator


class SEMANTIFY_OT_add_word(Reporting, bpy.types.Operator):
    """Put a word, or several with commas between them, on the list of words to train sliders for"""

    bl_idname = "semantify.add_word"
    bl_label = "Add Word"
    bl_options = {"REGISTER"}

    word: bpy.props.StringProperty(name="Word", description="Empty for what is written in the panel")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.descriptors import spelled
        from ...core.errors import SemantifyError

        session = context.window_manager.semantify
        words = [spelled(word).lower() for word in (self.word or session.own_word).split(",") if word.strip()]
        if not words:
            raise SemantifyError("no word was given: write one first")
        for word in words:
            if word not in session.own_words:
                session.own_words.add().name = word
        session.own_word = ""
        return {"FINISHED"}


class SEMANTIFY_OT_remove_word(Reporting, bpy.types.Operator):
    """Take this word off the list"""

    bl_idname = "semantify.remove_word"
    bl_label = "Remove Word"
    bl_options = {"REGISTER"}

    index: bpy.props.IntProperty(name="Word", min=0)

    def run(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.semantify.own_words.remove(self.index)
        return {"FINISHED"}


class SEMANTIFY_OT_train_mapper(JobOperator, bpy.types.Operator):
    """Render random shapes, score them with CLIP for the listed words, and train sliders for them; Blender goes on meanwhile"""  # noqa: E501

    bl_idname = "semantify.train_mapper"
    bl_label = "Train Mapper"
    bl_options = {"REGISTER"}

    folder: bpy.props.StringProperty(
        name="Folder", description="Of a training that was left unfinished; empty for what the panel asks for",
        subtype="DIR_PATH", options={"SKIP_SAVE"},
    )  # fmt: skip
    _trained_in: Path

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not jobs.running():
            return True
        cls.poll_message_set("Wait for what is running, or cancel it")
        return False

    def start(self, context: bpy.types.Context) -> jobs.Job:
        from ...processes.child import training_command
        from ..own_words import tasks
        from ..pictures import environment

        asked = None if self.folder else tasks.asked(context)
        python = environment.require_python()
        jobs.check_free()
        folder = Path(bpy.path.abspath(self.folder)) if asked is None else tasks.folder_of(asked)
        tasks.check_idle(folder)
        task = "" if asked is None else tasks.task_of(asked).text()
        memory.unfinished = None
        self._trained_in = folder
        return jobs.start("Training", training_command(python, folder, task))

    def ended(self, context: bpy.types.Context) -> set[str]:
        from ..own_words import tasks

        memory.unfinished = None
        tasks.tidy(self._trained_in, self._awaited.events)
        return super().ended(context)

    def use(self, context: bpy.types.Context, job: jobs.Job) -> None:
        memory.unfinished, memory.trained = None, dict(job.result or {})
        name = catalogue.open_mapper(Path(memory.trained["mapper"]))
        self.report({"INFO"}, f"{catalogue.title(name)} is ready: {job.notes[-1] if job.notes else 'see its sheet'}")
        if not bpy.app.background and context.window is not None:
            bpy.ops.semantify.training_result("INVOKE_DEFAULT")


class SEMANTIFY_OT_forget_training(Reporting, bpy.types.Operator):
    """Delete the pictures of a training that was left unfinished, from the disk; that cannot be undone"""

    bl_idname = "semantify.forget_training"
    bl_label = "Delete Unfinished Training"
    bl_options = {"REGISTER"}

    folder: bpy.props.StringProperty(name="Folder", subtype="DIR_PATH", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def run(self, context: bpy.types.Context) -> set[str]:
        import shutil

        from ...core.errors import SemantifyError
        from ..own_words import tasks

        folder = Path(bpy.path.abspath(self.folder))
        if folder not in tasks.unfinished():
            raise SemantifyError(f"{folder} holds no unfinished training")
        tasks.check_idle(folder)
        memory.unfinished = None
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            raise SemantifyError(f"{folder} could not be deleted whole: delete it with your file manager")
        return {"FINISHED"}


class SEMANTIFY_OT_training_result(Reporting, bpy.types.Operator):
    """Show what the last training came to: its slider sheet, how well its sliders do, and the way to use them"""

    bl_idname = "semantify.training_result"
    bl_label = "Result of the Training"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if memory.trained:
            return True
        cls.poll_message_set("Nothing was trained in this session")
        return False

    def run(self, context: bpy.types.Context) -> set[str]:
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A popover."""
        return context.window_manager.invoke_popup(self, width=520)

    def draw(self, context: bpy.types.Context) -> None:
        from ..own_words.popover import draw_result

        obj = active_character(context)
        draw_result(self.layout, memory.trained or {}, is_character(obj))
