"""Units, layers, networks, losses, optimisers and a training loop on `autograd`'s Values.

>>> from nn import MLP
>>> model = MLP(3, [4, 4, 1], seed=0)
>>> len(model.parameters())
41
"""

from autograd import leaky_relu, relu, sigmoid, softplus, tanh

from .activation_layers import (
    Activate,
    Identity,
    LeakyReLU,
    LogSoftmax,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from .activations import hard_clip, linear, log_softmax, softmax, threshold
from .by_layer import LayerGradients, gradients_by_layer
from .clipping import clip_grad_norm, clip_grad_norm_, clip_grad_value_
from .convolution import Conv1d, Conv2d, LocallyConnected2d, dense_as_convolution
from .data import minibatches, one_hot, train_test_split
from .datasets import blobs, digits, moons, spirals, xor
from .densities import gaussian_nll_loss, mixture_nll_loss
from .features import polynomial_features
from .flatten import Flatten
from .history import History
from .idx import read_idx
from .initialisers import (
    constant,
    kaiming_normal,
    lecun_normal,
    normal,
    torch_uniform,
    uniform,
    xavier_normal,
)
from .layers import Layer, Maxout, Neuron
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge_loss,
    l1_loss,
    mse_loss,
    negative_log_likelihood,
    nll_loss,
    quadratic_cost,
)
from .metrics import accuracy
from .module import Module
from .networks import MLP, Sequential
from .optimiser import Optimizer
from .optimisers import SGD, Adagrad, Adam, AdamW, RMSprop
from .parameters import ParameterArray
from .perceptron import Learning, MulticlassPerceptron, Perceptron, conjunction, disjunction
from .pooling import AvgPool2d, L2Pool2d, MaxPool2d
from .receptive_field import receptive_field
from .recurrent import RNNCell
from .regularisation import Dropout, LayerNorm, l1_penalty, l2_penalty
from .schedules import CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, StepLR
from .signals import convolve, cross_correlate
from .stopping import early_stopping, until_converged
from .training import fit

__all__ = [
    "Activate",
    "Identity",
    "LeakyReLU",
    "LogSoftmax",
    "PReLU",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "hard_clip",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
    "threshold",
    "LayerGradients",
    "gradients_by_layer",
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "Conv1d",
    "Conv2d",
    "LocallyConnected2d",
    "dense_as_convolution",
    "minibatches",
    "one_hot",
    "train_test_split",
    "blobs",
    "digits",
    "moons",
    "spirals",
    "xor",
    "gaussian_nll_loss",
    "mixture_nll_loss",
    "polynomial_features",
    "Flatten",
    "History",
    "read_idx",
    "constant",
    "kaiming_normal",
    "lecun_normal",
    "normal",
    "torch_uniform",
    "uniform",
    "xavier_normal",
    "Layer",
    "Maxout",
    "Neuron",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "half_squared_error",
    "hinge_loss",
    "l1_loss",
    "mse_loss",
    "negative_log_likelihood",
    "nll_loss",
    "quadratic_cost",
    "accuracy",
    "Module",
    "MLP",
    "Sequential",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "ParameterArray",
    "Learning",
    "MulticlassPerceptron",
    "Perceptron",
    "conjunction",
    "disjunction",
    "AvgPool2d",
    "L2Pool2d",
    "MaxPool2d",
    "receptive_field",
    "RNNCell",
    "Dropout",
    "LayerNorm",
    "l1_penalty",
    "l2_penalty",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "StepLR",
    "convolve",
    "cross_correlate",
    "early_stopping",
    "until_converged",
    "fit",
]
