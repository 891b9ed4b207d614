"""Components that the pipelines here are made of, and what compiles a pipeline into the folder that is the first argument."""
import os
import sys
import warnings
from typing import Dict, List, NamedTuple, Optional

warnings.simplefilter("ignore")

from kfp import compiler, dsl, kubernetes
from kfp.dsl import HTML, Artifact, ClassificationMetrics, Dataset, Input, Markdown, Metrics, Model, Output, OutputPath, PipelineTaskFinalStatus, SlicedClassificationMetrics

FOLDER = sys.argv[1]


def pipe(name, **settings):
    """A pipeline, compiled."""

    def made(function):
        pipeline = dsl.pipeline(name=name, **settings)(function)
        compiler.Compiler().compile(pipeline, os.path.join(FOLDER, f"{name}.yaml"))
        return pipeline

    return made

@dsl.component
def gi(x: int=1)->int: return x
@dsl.component
def gf()->float: return 1.5
@dsl.component
def gs(s: str='a')->str: return s
@dsl.component
def gb()->bool: return True
@dsl.component
def gl()->List[int]: return [1,2]
@dsl.component
def gls()->List[str]: return ['a']
@dsl.component
def gld()->List[Dict[str,int]]: return [{'a':1,'b':2}]
@dsl.component
def gd()->Dict[str,int]: return {'a':1}
@dsl.component
def show(msg: str): print(msg)
@dsl.component
def showi(x: int): print(x)
@dsl.component
def showf(x: float): print(x)
@dsl.component
def showb(x: bool): print(x)
@dsl.component
def showl(x: list): print(x)
@dsl.component
def showd(x: dict): print(x)
@dsl.component
def mk(text: str, data: Output[Dataset]): open(data.path,'w').write(text)
@dsl.component
def use(data: Input[Dataset]): pass
@dsl.component
def usel(data: Input[List[Dataset]]): pass
@dsl.component
def two(a: OutputPath(int), m: Output[Model])->NamedTuple('o',[('s',str),('n',int)]):
    return ('x',1)
@dsl.component
def anywhere(msg: str): print(msg)
