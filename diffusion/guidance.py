"""Guidance: a network and all that is asked of it become one denoiser.

Conditions that speak at the same time go through the network in one batch where their shapes allow. What does not
change from step to step (contexts, areas, weights) is prepared once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusion.conditioning import Area, Condition, Conditioning
from diffusion.hooks import AroundNetwork, GuidanceStep, NetworkCall, guide
from diffusion.masks import mask_like, repeat_rows
from diffusion.model import DiffusionModel
from diffusion.shapes import Denoiser, Embedding, GuidedPair, Latents, Sigma

RAMP_CELLS = 8
"""Latent cells over which the weight of an area rises from a border that lies inside the picture."""

LONGEST_REPEAT = 4
"""Prompts of different lengths share a batch if none of them has to be repeated more often than this."""

SMALLEST_MASK_AREA = 8
"""Cells along a side of the area around a mask, at least."""


def guided(
    model: DiffusionModel, positive: Conditioning, negative: Conditioning, cfg: float, latents: Latents
) -> Denoiser:
    """The denoiser of a run: classifier-free guidance (Ho & Salimans 2022), x0 = x0_neg + (x0_pos - x0_neg) * cfg.

    With cfg = 1, or nothing negative, the network is asked for the positive alone. latents: (b, c, h, w) in network
    scale, on the model's device; the run's are of this shape. The model's hooks have their say.
    """
    hooks = model.hooks
    if not negative or (math.isclose(cfg, 1.0) and not hooks.asks_both):
        alone = Predictor(model, (positive,), latents)
        if not hooks.guide:
            return lambda x, sigma: alone(x, sigma)[0]

        def denoise(x: Latents, sigma: Sigma) -> Latents:
            (x0,) = alone(x, sigma)
            return guide(hooks, GuidanceStep(x, sigma, cfg, x0, x0, (positive, negative)))[0]

        return denoise
    pair = guided_pair(model, positive, negative, cfg, latents)
    return lambda x, sigma: pair(x, sigma)[0]


def guided_pair(
    model: DiffusionModel, positive: Conditioning, negative: Conditioning, cfg: float, latents: Latents
) -> GuidedPair:
    """As `guided`, with the negative's own x0 beside the guided one; the network is always asked for both."""
    both = Predictor(model, (positive, negative), latents)

    def denoise(x: Latents, sigma: Sigma) -> tuple[Latents, Latents]:
        x0_positive, x0_negative = both(x, sigma)
        step = GuidanceStep(x, sigma, cfg, x0_positive, x0_negative, (positive, negative))
        return guide(model.hooks, step)

    return denoise


@dataclass(frozen=True, eq=False)
class _Term:
    """A condition made ready for one run; b is the number of its latents.

    side: whose it is. context: (b, n, d). vector: (b, d). concat: (b, c, h, w) of the area. area: None is the whole
    picture. weight: one number, or (1 or b, 1, h, w) over the area. It speaks from sigma_start down to sigma_end.
    """

    side: int
    context: Embedding
    vector: Tensor | None
    concat: Latents | None
    area: Area | None
    weight: Tensor | float
    sigma_start: float
    sigma_end: float

    @property
    def kind(self) -> tuple[object, ...]:
        """What terms of one batch must have in common, beside the length of their contexts."""
        size = None if self.area is None else (self.area.height, self.area.width)
        vector = None if self.vector is None else self.vector.shape
        concat = None if self.concat is None else self.concat.shape
        return size, vector, concat, self.context.shape[-1]


@dataclass(frozen=True, eq=False)
class _Batch:
    """Terms that share one call of the network, with their inputs one below the other."""

    terms: tuple[_Term, ...]
    context: Embedding
    vector: Tensor | None
    concat: Latents | None


@dataclass(frozen=True, eq=False)
class _Plan:
    """How the terms that speak at some noise level are asked.

    totals: for every side None where one term alone speaks for the whole picture, else the sum of the weights
    (b, 1, h, w). holes: for every side None, or where nothing of it speaks.
    """

    terms: tuple[_Term, ...]
    batches: tuple[_Batch, ...]
    totals: tuple[Tensor | None, ...]
    holes: tuple[Tensor | None, ...]


_Answers = Iterable[tuple[tuple[_Term, ...], Sequence[Latents]]]
"""The terms of each call of the network, and the x0 of each."""


class Predictor:
    """Calls the network for several sides (positive, negative ...) at once: one x0 for each of them.

    Within a side, overlapping conditions are averaged with their weights. Where a side says nothing it agrees with
    the first of the others, so that guidance does nothing there.
    """

    def __init__(self, model: DiffusionModel, sides: Sequence[Conditioning], latents: Latents) -> None:
        self._model = model
        self._sides = len(sides)
        self._terms = tuple(
            _prepare(model, condition, side, latents)
            for side, conditions in enumerate(sides)
            for condition in conditions
        )
        self._latents = latents
        self._plan: _Plan | None = None

    def __call__(self, x: Latents, sigma: Sigma) -> tuple[Latents, ...]:
        """x (b, c, h, w) float32 at level sigma to the x0 of every side."""
        plan = self._plan_at(float(sigma))
        around = self._model.hooks.around
        answers = self._hooked(plan, x, sigma, around) if around is not None else self._plain(plan, x, sigma)
        sums: list[Latents | None] = [None] * self._sides
        for terms, found in answers:
            for term, x0 in zip(terms, found, strict=True):
                if plan.totals[term.side] is None:
                    sums[term.side] = x0
                else:
                    sums[term.side] = _added(sums[term.side], term, x0 * term.weight, x)
        return _settled(sums, plan)

    def _plain(self, plan: _Plan, x: Latents, sigma: Sigma) -> _Answers:
        """The terms of each batch with their x0."""
        scaled = (x * (sigma**2 + 1) ** -0.5).to(self._model.dtype)
        timestep = float(self._model.table.timestep(sigma))
        for batch in plan.batches:
            outputs = self._outputs(batch, scaled, timestep)
            yield (
                batch.terms,
                [
                    self._model.prediction(output, _cut(x, term.area), sigma)
                    for term, output in zip(batch.terms, outputs, strict=True)
                ],
            )

    def _hooked(self, plan: _Plan, x: Latents, sigma: Sigma, around: AroundNetwork) -> _Answers:
        """The same through the function that stands around the network."""
        for batch in plan.batches:
            rows = torch.cat([_cut(x, term.area) for term in batch.terms])
            levels = sigma.to(rows).expand(rows.shape[0]).clone()
            sides = tuple(term.side for term in batch.terms)
            call = NetworkCall(rows, levels, batch.context, batch.vector, batch.concat, sides)
            yield batch.terms, around(self.apply, call).float().chunk(len(batch.terms))

    def apply(self, call: NetworkCall) -> Latents:
        """What the network makes of rows that may stand at levels of their own: x0, float32."""
        return applied(self._model, call)

    def _outputs(self, batch: _Batch, scaled: Latents, timestep: float) -> tuple[Tensor, ...]:
        """What the network says to every term of a batch, float32."""
        rows = torch.cat([_cut(scaled, term.area) for term in batch.terms])
        timesteps = torch.full((rows.shape[0],), timestep, device=rows.device)
        if batch.concat is not None:
            rows = torch.cat([rows, batch.concat], dim=1)
        output = self._model.network(rows, timesteps, batch.context, y=batch.vector)
        return output.float().chunk(len(batch.terms))

    def _plan_at(self, sigma: float) -> _Plan:
        terms = tuple(term for term in self._terms if term.sigma_end <= sigma <= term.sigma_start)
        if self._plan is None or terms != self._plan.terms:
            self._plan = _plan(terms, self._sides, self._latents, sigma)
        return self._plan


def applied(model: DiffusionModel, call: NetworkCall) -> Latents:
    """x0 (n, c, h, w) float32 for noisy rows (n, c, h, w) at levels (n,) of their own."""
    first = call.sigma.flatten()[0]
    if bool((call.sigma == first).all()):  # as a number on the CPU, which gives the last digits of a run without hooks
        sigma = first.to("cpu", torch.float32)
        timesteps = torch.full((call.x.shape[0],), float(model.table.timestep(sigma)), device=call.x.device)
    else:
        sigma = call.sigma.to(call.x).reshape(-1, 1, 1, 1)
        timesteps = model.table.timestep(call.sigma.cpu()).to(call.x.device, torch.float32)
    rows = (call.x * (sigma**2 + 1) ** -0.5).to(model.dtype)
    if call.concat is not None:
        rows = torch.cat([rows, call.concat.to(rows)], dim=1)
    vector = None if call.vector is None else call.vector.to(rows)
    output = model.network(rows, timesteps, call.context.to(rows), y=vector)
    return model.prediction(output.float(), call.x, sigma)


def _plan(terms: tuple[_Term, ...], sides: int, latents: Latents, sigma: float) -> _Plan:
    if not terms:
        raise ValueError(
            f"no condition speaks at noise level {sigma:.4g}: give a prompt, or let one last from start 0 to end 1"
        )
    totals = tuple(_total([term for term in terms if term.side == side], latents) for side in range(sides))
    holes = tuple(None if total is None or bool((total > 0).all()) else total <= 0 for total in totals)
    return _Plan(terms, tuple(_batches(terms)), totals, holes)


def _total(terms: list[_Term], latents: Latents) -> Tensor | None:
    """The sum of weights of a side, or None where the only term has the whole picture to itself."""
    if len(terms) == 1 and terms[0].area is None and isinstance(terms[0].weight, float) and terms[0].weight > 0:
        return None
    total = latents.new_zeros(latents.shape[0], 1, *latents.shape[-2:])
    for term in terms:
        _cut(total, term.area).add_(term.weight)
    return total


def _batches(terms: Iterable[_Term]) -> Iterable[_Batch]:
    """Terms of one kind together, as long as repeating makes their contexts equally long."""
    groups: list[list[_Term]] = []
    for term in terms:
        for group in groups:
            lengths = [one.context.shape[1] for one in (*group, term)]
            if group[0].kind == term.kind and math.lcm(*lengths) <= LONGEST_REPEAT * min(lengths):
                group.append(term)
                break
        else:
            groups.append([term])
    for group in groups:
        length = math.lcm(*(term.context.shape[1] for term in group))
        # Attention to a sequence repeated as a whole is attention to the sequence.
        contexts = [term.context.repeat(1, length // term.context.shape[1], 1) for term in group]
        vectors = [term.vector for term in group if term.vector is not None]
        concats = [term.concat for term in group if term.concat is not None]
        yield _Batch(
            tuple(group),
            torch.cat(contexts),
            torch.cat(vectors) if vectors else None,
            torch.cat(concats) if concats else None,
        )


def _added(total: Latents | None, term: _Term, x0: Latents, like: Latents) -> Latents:
    if total is None:
        total = torch.zeros_like(like)
    _cut(total, term.area).add_(x0)
    return total


def _settled(sums: list[Latents | None], plan: _Plan) -> tuple[Latents, ...]:
    """The weighted means of all sides, their holes filled by the first other side."""
    means = [
        part if part is None or total is None else part / total.clamp(min=1e-37)
        for part, total in zip(sums, plan.totals, strict=True)
    ]
    filled: list[Latents] = []
    for side, (mean, hole) in enumerate(zip(means, plan.holes, strict=True)):
        other = next((one for k, one in enumerate(means) if k != side and one is not None), None)
        if mean is None:
            assert other is not None, "a plan has at least one term"
            filled.append(other)
        elif hole is None or other is None:
            filled.append(mean)
        else:
            filled.append(torch.where(hole, other, mean))
    return tuple(filled)


def _prepare(model: DiffusionModel, condition: Condition, side: int, latents: Latents) -> _Term:
    rows, height, width = latents.shape[0], latents.shape[-2], latents.shape[-1]
    mask = None if condition.mask is None else mask_like(condition.mask, latents)
    area = None if condition.area is None else condition.area.cells(height, width)
    if mask is not None and condition.area_from_mask:
        area = _around(mask)
    if area == Area(height, width, 0, 0):
        area = None
    weight: Tensor | float = float(condition.strength)
    if mask is not None:
        weight = _cut(mask, area) * (condition.mask_strength * weight)
    elif area is not None:
        weight = ramp(area, latents) * weight

    def ready(tensor: Tensor) -> Tensor:
        return repeat_rows(tensor.to(model.device, model.dtype), rows)

    vector, concat = model.vector(condition, latents), model.concat(condition, latents)
    return _Term(
        side=side,
        context=ready(condition.embedding),
        vector=None if vector is None else ready(vector),
        concat=None if concat is None else _cut(ready(concat), area),
        area=area,
        weight=weight,
        sigma_start=model.table.sigma_at_percent(condition.start_percent),
        sigma_end=model.table.sigma_at_percent(condition.end_percent),
    )


def _cut(latents: Tensor, area: Area | None) -> Tensor:
    """The part of (b, c, H, W) that lies in an area, as a view; None is the whole."""
    if area is None:
        return latents
    return latents[..., area.y : area.y + area.height, area.x : area.x + area.width]


def ramp(area: Area, latents: Latents) -> Tensor:
    """Weights (1, 1, area.height, area.width): 1, rising over 8 cells from each border inside the picture."""

    def side(start: int, length: int, whole: int) -> Tensor:
        rise = (torch.arange(1, length + 1, device=latents.device) / RAMP_CELLS).clamp(max=1)
        flat = torch.ones_like(rise)
        return (rise if start > 0 else flat) * (rise.flip(0) if start + length < whole else flat)

    rows = side(area.y, area.height, latents.shape[-2])
    columns = side(area.x, area.width, latents.shape[-1])
    return (rows[:, None] * columns)[None, None]


def _around(mask: Tensor) -> Area:
    """The smallest area around all that a mask (b, 1, h, w) names in any picture, but not too small a one."""
    height, width = mask.shape[-2:]
    named = mask.amax(dim=(0, 1)) > 0
    rows, columns = named.any(dim=1).nonzero().flatten().tolist(), named.any(dim=0).nonzero().flatten().tolist()
    if not rows:
        return Area(SMALLEST_MASK_AREA, SMALLEST_MASK_AREA, 0, 0).cells(height, width)
    tall = min(max(rows[-1] - rows[0] + 1, SMALLEST_MASK_AREA), height)
    wide = min(max(columns[-1] - columns[0] + 1, SMALLEST_MASK_AREA), width)
    return Area(tall, wide, min(rows[0], height - tall), min(columns[0], width - wide))
