"""Set Up: a Python with torch and open_clip of the add-on's own, made in a child process."""

import bpy

from .. import jobs
from ..pictures import environment
from ..state import memory
from .waiting import JobOperator


class SEMANTIFY_OT_set_up_clip(JobOperator, bpy.types.Operator):
    """Make a Python with torch and open_clip in Blender's user folder, for full CLIP models. Downloads up to 3 GB"""

    bl_idname = "semantify.set_up_clip"
    bl_label = "Set Up Full CLIP"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not jobs.running():
            return True
        cls.poll_message_set("Wait for what is running, or cancel it")
        return False

    def start(self, context: bpy.types.Context) -> jobs.Job:
        return jobs.start("Setting up Python", environment.set_up_command())

    def use(self, context: bpy.types.Context, job: jobs.Job) -> None:
        memory.close_worker()
        environment.require_python()
        self.report({"INFO"}, "Python for full CLIP models is ready")
