"""Ops of the user's own: `Gate` (forward and backward, as in the lecture), `op` (local gradients), `rule` (NumPy's)."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from .errors import GradientError, GradvizError, RecordError
from .op import Op, Rule
from .roles import ROLES
from .tensor import (
    FUNCTIONS,
    PENDING,
    PLAIN_UFUNCS,
    UFUNCS,
    Tensor,
    apply,
    describe,
    is_differentiable,
    operands,
    value_of,
)

__all__ = ["Gate", "op", "rule"]

F = TypeVar("F", bound=Callable[..., Any])

_DEFAULT_ROLE = "scales by its slope"


def _new_op(
    name: str,
    compute: Callable[..., Any],
    rules: Sequence[Rule],
    *,
    role: str | None,
    symbol: str | None,
    push: Callable[[Any, Any], None] | None = None,
    variadic: bool = False,
) -> Op:
    """A row for an op of the user's own: it stands in no table, so its name clashes with none."""
    role = role or _DEFAULT_ROLE
    if role not in ROLES:
        raise RecordError(f"{name}: unknown role {role!r} (must be one of {', '.join(map(repr, ROLES))})")
    places = "{all}" if variadic else ", ".join(f"{{{i}}}" for i in range(len(rules)))
    return Op(
        name=name,
        symbol=symbol or name,
        compute=compute,
        rules=tuple(rules),
        role=role,
        role_text=ROLES[role],
        text=f"{name}({places})",
        variadic=variadic,
        push=push,
    )


def _number(value: Any, what: str) -> Any:
    """What a user's function computed, as a value.

    Raises
    ------
    RecordError
        If it is neither a number nor an array of numbers.
    """
    if type(value) in (float, np.ndarray, Tensor):
        return value
    array = np.asarray(value) if not isinstance(value, (tuple, list)) else None
    if array is None or array.dtype.kind not in "biufc":
        raise RecordError(f"{what} returned {value!r}: it must return one number or one array")
    return value if isinstance(value, (np.generic, np.ndarray, int, float)) else array[()]


def _shared(given: Any, values: Sequence[Any], what: str) -> list[Any]:
    """One gradient per input, each in its value's shape.

    Raises
    ------
    GradientError
        If there are more or fewer, or one has another shape.
    """
    parts: Sequence[Any] = given if isinstance(given, (tuple, list)) else (given,)
    if len(parts) != len(values):
        raise GradientError(
            f"{what} returned {len(parts)} gradients for {len(values)} inputs: return one for each, in their order, "
            f"None for one that has none"
        )
    for i, (part, value) in enumerate(zip(parts, values, strict=True)):
        if part is not None and is_differentiable(value_of(value)) and np.shape(part) != np.shape(value):
            raise GradientError(
                f"{what} returned for input {i} a gradient of shape {np.shape(part)}, and that input has shape "
                f"{np.shape(value)}: a gradient has its value's shape"
            )
    return list(parts)


def _where_defined(function: Any) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f" ({code.co_filename}:{code.co_firstlineno})" if code is not None else ""


def _on_tensors(run: Callable[[], Any], what: str, function: Any) -> Any:
    """Run a user's rule where Tensors are among what it is given: for second derivatives.

    Raises
    ------
    GradientError
        If it only runs on plain values.
    """
    try:
        return run()
    except (GradvizError, TypeError, AttributeError) as error:
        raise GradientError(
            f"a second derivative goes through {what}{_where_defined(function)}, which runs on plain values only "
            f"({str(error).splitlines()[0]}): write it in NumPy calls, then it can be differentiated itself"
        ) from error


# -- gates -----------------------------------------------------------------------------------------------------------


class Gate:
    """An op of your own, as the lecture writes it: `forward` computes, `backward` hands the gradient down.

    Subclass it with ``forward(self, *inputs)``, which is given plain values, returns the result, and may keep what it
    needs on ``self``; and ``backward(self, upstream)``, which returns one gradient per input: a tuple, or the gradient
    itself where there is one input. Calling an instance on Tensors records one op. Every call keeps its own state, so
    that one gate may be used many times; after a call the gate itself shows the state of that call.

    Where `forward` and `backward` are written in NumPy calls, second derivatives work too: they run on Tensors then.

    Attributes
    ----------
    name : str
        What the op is called; by default the class's name.
    symbol : str
        What stands in its box; by default the name.
    role : str
        What it does to the gradient; one of the roles that pictures explain.
    formula : sequence of str
        The local gradient towards each input, as pictures print it: ``{0}``, ``{1}`` are the inputs, ``{out}`` the
        result, δ the upstream gradient.

    Examples
    --------
    >>> import gradviz as gv
    >>> class MultiplyGate(gv.Gate):
    ...     symbol, role, formula = "×", "switches", ["{1}", "{0}"]
    ...     def forward(self, x, y):
    ...         self.x, self.y = x, y
    ...         return x * y
    ...     def backward(self, dz):
    ...         return dz * self.y, dz * self.x
    >>> graph = gv.trace(lambda x, y: MultiplyGate()(x, y), 3.0, 4.0)
    >>> graph.nodes[-1].op, graph.gradients()
    ('MultiplyGate', {'x': 4.0, 'y': 3.0})
    """

    name: ClassVar[str | None] = None
    symbol: ClassVar[str | None] = None
    role: ClassVar[str | None] = None
    formula: ClassVar[Sequence[str]] = ()
    _op: ClassVar[Op | None] = None

    forward: Callable[..., Any]
    backward: Callable[..., Any]

    def __init__(self, *given: Any) -> None:
        if given:
            kind = type(self).__name__
            raise RecordError(f"{kind} is made without inputs, and the gate is called on them: {kind}()(…)")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._op = _gate_op(cls)
        if "forward" in vars(cls):
            cls.__call__ = _call_like(cls.forward)

    def __call__(self, *inputs: Any) -> Any:
        """Compute, and record one op where a Tensor is among the inputs."""
        call = _Call(copy.copy(self))
        if not any(isinstance(x, Tensor) for x in inputs):
            result = call.first(*inputs)
        elif self._op is None:
            raise RecordError(f"{type(self).__name__} has no forward and backward: gv.Gate is there to be subclassed")
        else:
            result = apply(self._op, inputs, {"gate": call}, compute=call.first)
        vars(self).update(vars(call.gate))
        return result

    def check(self, *inputs: Any, **options: Any) -> Any:
        """Compare the gradients with differences of `forward`; see `gradviz.check_gradients`."""
        from .check import check_gradients

        return check_gradients(self, *inputs, **options)


def _call_like(forward: Callable[..., Any]) -> Callable[..., Any]:
    """`Gate.__call__` with the parameters of `forward`, whose names the inputs of a trace bear."""

    def __call__(self: Gate, *inputs: Any) -> Any:
        return Gate.__call__(self, *inputs)

    vars(__call__).update(__signature__=inspect.signature(forward), __doc__=Gate.__call__.__doc__)
    return __call__


class _Call:
    """One call of a gate: the gate as it was then, with what its `forward` kept."""

    __slots__ = ("gate", "values")

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.values: tuple[Any, ...] | None = None

    def __repr__(self) -> str:
        return type(self.gate).__name__

    def first(self, *values: Any, gate: Any = None) -> Any:
        """Run `forward` for the call itself, and keep its state."""
        self.values = values
        return _forward(self.gate, values)

    def gradients(self, upstream: Any, values: Sequence[Any]) -> list[Any]:
        """What `backward` gives, by the state that belongs to these values."""
        what = f"{type(self.gate).__name__}.backward"
        gate = copy.copy(self.gate)
        if any(isinstance(x, Tensor) for x in (upstream, *values)):
            return _on_tensors(lambda: self._again(gate, upstream, values, what), what, type(gate).backward)
        return self._again(gate, upstream, values, what)

    def _again(self, gate: Gate, upstream: Any, values: Sequence[Any], what: str) -> list[Any]:
        kept = self.values is not None and len(values) == len(self.values)
        if not (kept and all(a is b for a, b in zip(values, self.values or (), strict=True))):
            _forward(gate, values)  # a replay's values, or Tensors: the state must be that of these
        return _shared(gate.backward(upstream), values, what)


def _forward(gate: Gate, values: Sequence[Any]) -> Any:
    return _number(gate.forward(*values), f"{type(gate).__name__}.forward")


def _gate_compute(*values: Any, gate: _Call) -> Any:
    """The value for other inputs: the state of the recorded call stays as it is."""
    return _forward(copy.copy(gate.gate), values)


def _gate_vjp(upstream: Any, out: Any, *values: Any, gate: _Call, position: int) -> Any:
    share = gate.gradients(upstream, values)[position]
    return np.zeros(np.shape(values[position])) if share is None else share


def _gate_push(tensor: Tensor, upstream: Any) -> None:
    """All inputs at once: `backward` runs once per sweep."""
    from .backward import fit, takes_gradient

    inputs = operands(tensor)
    values = [x._value if isinstance(x, Tensor) else x for x in inputs]
    shares = (tensor._static or {})["gate"].gradients(upstream, values)
    for operand, value, share in zip(inputs, values, shares, strict=True):
        if share is not None and takes_gradient(operand):
            share, held = fit(share, value), operand._grad
            operand._grad = share if held is PENDING else held + share


def _gate_op(cls: type[Gate]) -> Op | None:
    """The row for a subclass; None while it has no forward or no backward yet."""
    if not (hasattr(cls, "forward") and hasattr(cls, "backward")):
        return None
    name = cls.name or cls.__name__
    parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    texts = list(cls.formula) or [
        f"{name}.backward(δ)[{{position}}]" if variadic or len(parameters) > 1 else f"{name}.backward(δ)"
    ]
    if not variadic and len(texts) not in (1, len(parameters)):
        raise RecordError(f"{name}: formula has {len(texts)} entries for {len(parameters)} inputs: give one for each")
    if variadic or len(texts) == 1:
        texts = texts[:1] * (1 if variadic else len(parameters))
    if variadic:
        rules = [Rule(texts[0], vjp=_gate_vjp)]
    else:
        rules = [Rule(text, vjp=functools.partial(_gate_vjp, position=i)) for i, text in enumerate(texts)]
    return _new_op(name, _gate_compute, rules, role=cls.role, symbol=cls.symbol, push=_gate_push, variadic=variadic)


# -- ops by their local gradients ------------------------------------------------------------------------------------


def op(
    *,
    local: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    vjp: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    formula: str | Sequence[str] = (),
    role: str | None = None,
    symbol: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make one op of a function of plain values, by its local gradients.

    Parameters
    ----------
    local : callable or sequence of callables
        For an elementwise function, the local gradient towards each of its first arguments:
        ``local(out, *inputs)`` gives a number per element of the result; the rest is gradviz's work, broadcasting
        included.
    vjp : callable or sequence of callables
        For any other, the gradient handed to each of its first arguments: ``vjp(upstream, out, *inputs)``.
    formula : str or sequence of str
        The local gradients as pictures print them: ``{0}``, ``{1}`` are the inputs, ``{out}`` the result, δ the
        upstream gradient.
    role, symbol, name : str, optional
        As for `Gate`.

    The function's arguments beyond those that have a gradient are options, handed to the rules by keyword.
    Written in NumPy calls, the rules are differentiated themselves, so that second derivatives work.

    Returns
    -------
    callable
        A decorator. What it makes is called like the function; on Tensors it records. Its ``check(*inputs)`` compares
        the gradients with differences; see `gradviz.check_gradients`.

    Raises
    ------
    RecordError
        If the role is unknown, or neither or both of `local` and `vjp` are given.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> @gv.op(local=lambda out, x: 1 / (1 + np.exp(-x)), formula="σ({0})", role="attenuates")
    ... def softplus(x):
    ...     return np.log1p(np.exp(x))
    >>> graph = gv.trace(lambda x: softplus(x), 0.0)
    >>> graph.nodes[-1].op, graph.edges[0].rule, graph.gradients()
    ('softplus', 'σ(x)', {'x': 0.5})
    """

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        called = name or getattr(function, "__name__", type(function).__name__)
        made = _op_of(function, called, local=local, vjp=vjp, formula=formula, role=role, symbol=symbol)
        recorded = _recorder(made, function)

        def check(*inputs: Any, **options: Any) -> Any:
            """Compare the gradients with differences; see `gradviz.check_gradients`."""
            from .check import check_gradients

            return check_gradients(recorded, *inputs, **options)

        vars(recorded).update(op=made, check=check)
        return recorded

    return make


def _op_of(function: Any, name: str, *, local: Any, vjp: Any, formula: Any, role: Any, symbol: Any) -> Op:
    if (local is None) == (vjp is None):
        raise RecordError(
            f"{name}: give local=, its local gradients, if it is elementwise, or vjp=, from upstream to downstream, if "
            f"it is not: one of them"
        )
    given = local if local is not None else vjp
    functions: Sequence[Any] = (given,) if callable(given) else tuple(given)
    texts = (formula,) if isinstance(formula, str) else tuple(formula)
    texts = texts or tuple(_default_text(f, elementwise=local is not None) for f in functions)
    if not functions or len(texts) != len(functions):
        raise RecordError(f"{name}: {len(functions)} gradients and {len(texts)} formulas: give one formula for each")
    slot = "local" if local is not None else "vjp"
    what = f"the gradient of {name} towards input {{}}"
    rules = [
        Rule(text, **{slot: _guarded(f, what.format(i))})
        for i, (f, text) in enumerate(zip(functions, texts, strict=True))
    ]
    return _new_op(name, function, rules, role=role, symbol=symbol)


def _default_text(function: Any, *, elementwise: bool) -> str:
    name = getattr(function, "__name__", "<lambda>")
    name = "its rule" if name in ("<lambda>", "_") else name
    return name if elementwise else f"{name}(δ)"


def _guarded(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    """A user's rule, that says what is wrong where it can't run on Tensors."""

    def ruled(*given: Any, **options: Any) -> Any:
        if any(isinstance(x, Tensor) for x in given):
            return _on_tensors(lambda: function(*given, **options), what, function)
        return function(*given, **options)

    return ruled


def _recorder(made: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """What is called in place of `function`: it records where a Tensor is among the inputs."""
    count = len(made.rules)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a ufunc, before NumPy 2.4
        signature = None

    @functools.wraps(function, updated=())
    def recorded(*args: Any, **options: Any) -> Any:
        if signature is not None:
            args, options = _split(signature, count, args, options)
        for key, value in (*options.items(), *((f"argument {i}", x) for i, x in enumerate(args[count:], count))):
            if isinstance(value, Tensor):
                raise RecordError(
                    f"{made.name} has gradients for its first {count} inputs, and {key} is a Tensor: give its gradient "
                    f"too, or hand in its .value"
                )
        if not any(isinstance(x, Tensor) for x in args):
            return function(*args, **options)
        result = apply(made, args[:count], options or None)
        _number(value_of(result), made.name)
        return result

    return recorded


def _split(
    signature: inspect.Signature, count: int, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The first `count` arguments as inputs, the others by keyword, however they were given."""
    given = signature.bind(*args, **options)
    inputs: list[Any] = []
    rest: dict[str, Any] = {}
    for key, value in given.arguments.items():
        kind = signature.parameters[key].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            inputs += value
        elif kind is inspect.Parameter.VAR_KEYWORD:
            rest |= value
        elif len(inputs) < count:
            inputs.append(value)
        else:
            rest[key] = value
    return tuple(inputs), rest


# -- rules for functions of NumPy and others -------------------------------------------------------------------------


def rule(
    function: Callable[..., Any],
    *,
    local: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    vjp: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    formula: str | Sequence[str] = (),
    role: str | None = None,
    symbol: str | None = None,
    replace: bool = False,
) -> Any:
    """Teach gradviz the gradient of a NumPy function or ufunc that it does not know.

    Parameters
    ----------
    function : callable
        ``np.sinc``, ``scipy.special.j0``: any ufunc, or any function that asks NumPy's protocols.
    local, vjp, formula, role, symbol
        As for `op`. Without `local` and `vjp` this is a decorator, for a function ``(upstream, out, *inputs)`` that
        returns the gradient of the input: `vjp`, for one input.
    replace : bool
        Whether a rule that is there already may be replaced.

    Raises
    ------
    RecordError
        If there is a rule already, or the role is unknown.

    Examples
    --------
    >>> import numpy as np, gradviz as gv
    >>> angle_jumps = gv.rule(np.unwrap, local=lambda out, p: 1.0, formula="1", role="distributes", replace=True)
    >>> gv.grad(lambda p: np.unwrap(p)[1])(np.array([0.0, 6.0]))
    array([0., 1.])
    """
    if local is None and vjp is None:
        return functools.partial(_decorated_rule, function, formula=formula, role=role, symbol=symbol, replace=replace)
    _refuse_known(function, replace)
    made = _op_of(function, function.__name__, local=local, vjp=vjp, formula=formula, role=role, symbol=symbol)
    if isinstance(function, np.ufunc):
        if len(made.rules) != function.nin:
            raise RecordError(
                f"{function.__name__} has {function.nin} inputs, and {len(made.rules)} gradients were given: "
                f"give one for each"
            )
        UFUNCS[function] = made
        PLAIN_UFUNCS.discard(function)
    else:
        FUNCTIONS[function] = _recorder(made, function)
    return made


def _decorated_rule(function: Callable[..., Any], backward: F, **options: Any) -> F:
    rule(function, vjp=backward, **options)
    return backward


def _refuse_known(function: Any, replace: bool) -> None:
    known = function in UFUNCS if isinstance(function, np.ufunc) else function in FUNCTIONS
    if not callable(function) or isinstance(function, type):
        raise RecordError(f"gv.rule takes a NumPy function or a ufunc, and was given {describe(function)}")
    if known and not replace:
        raise RecordError(
            f"{function.__name__} has a gradient rule already: give replace=True to put another in its place"
        )
