"""The nodes."""
import torch


class RescaleCfgToy:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"model": ("MODEL",),
                             "multiplier": ("FLOAT", {"default": 0.7, "min": 0.0, "max": 1.0, "step": 0.01})}}
    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"
    CATEGORY = "advanced/model"

    def patch(self, model, multiplier):
        def rescale(args):
            cond, uncond, scale = args["cond"], args["uncond"], args["cond_scale"]
            guided = uncond + scale * (cond - uncond)
            dims = list(range(1, cond.ndim))
            factor = cond.std(dim=dims, keepdim=True) / guided.std(dim=dims, keepdim=True)
            return multiplier * guided * factor + (1 - multiplier) * guided
        m = model.clone()
        m.set_model_sampler_cfg_function(rescale)
        return (m,)


class ClampDenoised:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"model": ("MODEL",), "most": ("FLOAT", {"default": 1.0})}}
    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"
    CATEGORY = "advanced/model"

    def patch(self, model, most):
        m = model.clone()
        m.set_model_sampler_post_cfg_function(lambda args: torch.clamp(args["denoised"], -most, most))
        return (m,)


class CountNetworkCalls:
    def __init__(self):
        self.calls = 0

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"model": ("MODEL",)}}
    RETURN_TYPES = ("MODEL", "COUNTER")
    FUNCTION = "patch"
    CATEGORY = "advanced/model"

    def patch(self, model):
        me = self
        old = model.model_options.get("model_function_wrapper")
        def wrapper(apply_model, args):
            me.calls += 1
            if old is not None:
                return old(apply_model, args)
            return apply_model(args["input"], args["timestep"], **args["c"])
        m = model.clone()
        m.set_model_unet_function_wrapper(wrapper)
        return (m, self)


NODE_CLASS_MAPPINGS = {"RescaleCfgToy": RescaleCfgToy, "ClampDenoised": ClampDenoised, "CountNetworkCalls": CountNetworkCalls}
NODE_DISPLAY_NAME_MAPPINGS = {"RescaleCfgToy": "Rescale CFG (toy) ⚖️"}
