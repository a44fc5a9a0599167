"""Cancel, and the log, of what runs in the background."""

import bpy

from .. import jobs
from ..state import memory


class SEMANTIFY_OT_cancel_job(bpy.types.Operator):
    """Stop what is running; nothing is changed"""

    bl_idname = "semantify.cancel_job"
    bl_label = "Cancel Job"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return jobs.running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        memory.end_job()
        return {"FINISHED"}


class SEMANTIFY_OT_open_log(bpy.types.Operator):
    """Open what the last job wrote, in the program that this computer opens text files with"""

    bl_idname = "semantify.open_log"
    bl_label = "Open Log"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        log = None if memory.job is None else memory.job.log
        return log is not None and log.is_file()

    def execute(self, context: bpy.types.Context) -> set[str]:
        bpy.ops.wm.path_open(filepath=str(memory.job.log))
        return {"FINISHED"}
