"""Pipelines with every construct of the SDK, compiled into the folder that is the first argument: a file a pipeline, by its name."""
from pieces import *


@pipe("conditions-all")
def conditions_all(i: int=3, f: float=0.5, s: str="it's", b: bool=True):
    a=gi(); c=gs(); d=gb(); e=gf()
    with dsl.If(a.output==3): show(msg='1')
    with dsl.If(a.output!=3): show(msg='2')
    with dsl.If(a.output>i): show(msg='3')
    with dsl.If(i<=a.output): show(msg='4')
    with dsl.If(c.output=='heads'): show(msg='5')
    with dsl.If(c.output==s): show(msg='6')
    with dsl.If(d.output==True): show(msg='7')
    with dsl.If(d.output==False): show(msg='8')
    with dsl.If(d.output!=b): show(msg='9')
    with dsl.If(e.output>0.25): show(msg='10')
    with dsl.If(e.output>=f): show(msg='11')
    with dsl.If(f<2.0): show(msg='12')
    with dsl.If(c.output>'b'): show(msg='13')


@pipe("elifs")
def elifs(i: int=3)->str:
    with dsl.If(i==1): x=gs(s='one')
    with dsl.Elif(i==2): y=gs(s='two')
    with dsl.Elif(i>10):
        z=gs(s='many')
    with dsl.Else(): w=gs(s='none')
    o=dsl.OneOf(x.output,y.output,z.output,w.output)
    show(msg=o)
    return o


@pipe("elifs-no-else")
def elifs_no_else(i: int=3):
    with dsl.If(i==1): gs(s='one')
    with dsl.Elif(i==2):
        t=gs(s='two')
        with dsl.If(t.output=='two'): show(msg='in')


@pipe("oneof-two")
def oneof_two(i: int=3):
    with dsl.If(i==1):
        x=two(); d=mk(text='a')
    with dsl.Else():
        y=two(); e=mk(text='b')
    show(msg=dsl.OneOf(x.outputs['s'],y.outputs['s']))
    showi(x=dsl.OneOf(x.outputs['a'],y.outputs['a']))
    use(data=dsl.OneOf(d.outputs['data'],e.outputs['data']))


@pipe("nested-loops")
def nested_loops(names: List[str]=['a','b'], nums: List[int]=[1,2], pairs: List[Dict[str,int]]=[{'a':1,'b':2}]):
    with dsl.ParallelFor(names, parallelism=2) as n:
        show(msg=n)
        with dsl.ParallelFor(nums) as k:
            showi(x=k)
            show(msg=n)
            with dsl.If(k>1): show(msg='big')
    with dsl.ParallelFor(pairs) as p:
        showi(x=p.a); showi(x=p.b)
        with dsl.If(p.a==1): show(msg='one')
    with dsl.ParallelFor([{'a':1,'b':3},{'a':2,'b':4}]) as q:
        showi(x=q.a); showi(x=q.b)
        showd(x=q)
    l=gl()
    with dsl.ParallelFor(l.output) as m: showi(x=m)
    ld=gld()
    with dsl.ParallelFor(ld.output) as m: showi(x=m.a)


@pipe("loops-in-loops-items")
def loops_items(xs: List[List[int]]=[[1],[2]], ys: List[Dict[str,List[int]]]=[{'l':[1]}]):
    with dsl.ParallelFor(xs) as x:
        with dsl.ParallelFor(x) as y: showi(x=y)
    with dsl.ParallelFor(ys) as y:
        with dsl.ParallelFor(y.l) as z: showi(x=z)


@pipe("collected")
def collected()->List[int]:
    with dsl.ParallelFor([1,2,3]) as i:
        a=gi(x=i); d=mk(text='x')
        with dsl.ParallelFor([4,5]) as j:
            b=gi(x=j); e=mk(text='y')
    showl(x=dsl.Collected(a.output)); showl(x=dsl.Collected(b.output))
    usel(data=dsl.Collected(d.outputs['data']))
    usel(data=dsl.Collected(e.outputs['data']))
    return dsl.Collected(a.output)


@dsl.component
def cleanup(status: PipelineTaskFinalStatus, note: str='x'): pass
@dsl.component
def plain_exit(): pass

@pipe("exits")
def exits(m: str='hi'):
    ex=cleanup(note=m)
    with dsl.ExitHandler(ex, name='my try'):
        a=gs(s=m); show(msg=a.output)
        with dsl.If(a.output=='x'): show(msg='in')
    ex2=plain_exit()
    with dsl.ExitHandler(ex2):
        show(msg='second')
        with dsl.ParallelFor([1,2]) as i: showi(x=i)


@pipe("exit-nested")
def exit_nested(m: str='hi'):
    pre=gs(s='pre')
    ex=cleanup(note=m)
    with dsl.ExitHandler(ex):
        with dsl.If(m=='x'):
            show(msg=pre.output)
        show(msg='b').after(pre)


@pipe("ignore-upstream")
def ignore_upstream(m: str='hi'):
    a=gs(s=m)
    b=gs(s=a.output).ignore_upstream_failure()
    d=gs(s='d')
    cleanup(note='c').after(d).ignore_upstream_failure()


@pipe("importers")
def importers(uri: str='gs://x', k: str='key'):
    a=dsl.importer(artifact_uri='gs://b/c', artifact_class=Dataset, reimport=True, metadata={'a':'b','n':1,'deep':{'x':['y']}})
    b=dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False, metadata={k:'v','z':[k,'w'],'t':f'pre-{k}'})
    use(data=a.output); use(data=b.output)
    with dsl.ParallelFor(['gs://a','gs://b']) as u:
        c=dsl.importer(artifact_uri=u, artifact_class=Dataset, reimport=False)
        use(data=c.output)


@pipe("set-all")
def set_all(n: int=1):
    t=gi(x=n); t.set_cpu_limit('2').set_cpu_request('500m').set_memory_limit('4Gi').set_memory_request('512Mi')
    u=gi(x=n); u.set_accelerator_type('nvidia.com/gpu').set_accelerator_limit(2)
    v=gi(x=n); v.set_retry(3, '10s', 1.5, '60s'); v.set_caching_options(True, cache_key='abc')
    w=gi(x=n); w.set_caching_options(False); w.set_display_name('My Task')
    y=gi(x=n).set_env_variable('A','1').set_env_variable('B','two words')
    z=gi(x=n).set_retry(2)
    aa=gi(x=n).set_accelerator_type('TPU').set_accelerator_limit('4')
    ab=gi(x=n).after(w).after(y)
    ac=gi(x=n).set_cpu_limit('0.5').set_memory_limit('100M')


@dsl.component
def cpu()->str: return '4'
@pipe("dynamic-resources")
def dynamic_resources(mem: str='4Gi', img: str='python:3.9', n: int=2):
    c=cpu()
    t=gi(x=1).set_cpu_limit(c.output).set_memory_limit(mem)
    u=gi(x=1); u.set_container_image(img)
    v=gi(x=1).set_cpu_request(c.output).set_memory_request(mem).set_accelerator_type(c.output).set_accelerator_limit(n)
    with dsl.ParallelFor(['1','2']) as i:
        w=gi(x=1).set_cpu_limit(i)


@pipe("inner")
def inner(msg: str, data: Input[Dataset], opt: Optional[str]=None, num: int=5)->NamedTuple('o',[('a',str),('d',Dataset)]):
    g=gs(s=msg); use(data=data); showi(x=num)
    m=mk(text=g.output)
    o=NamedTuple('o',[('a',str),('d',Dataset)])
    return o(g.output, m.outputs['data'])
@pipe("inner-list")
def inner_list(data: Input[List[Dataset]])->Dataset:
    usel(data=data)
    return mk(text='a').outputs['data']
@pipe("nested-pipes")
def nested_pipes(x: str='a')->Dataset:
    m=mk(text=x)
    i=inner(msg=x, data=m.outputs['data'])
    j=inner(msg=i.outputs['a'], data=i.outputs['d'], opt='y', num=7).set_display_name('second').set_retry(2)
    with dsl.ParallelFor(['p','q']) as p:
        k=mk(text=p)
        l=inner(msg=p, data=k.outputs['data'])
    inner_list(data=dsl.Collected(k.outputs['data'])).set_caching_options(False)
    return j.outputs['d']


@dsl.container_component
def cont(text: str, num: int, model: Input[Model], out: Output[Artifact], note: OutputPath(str), opt: Optional[str]=None, flag: bool=False):
    return dsl.ContainerSpec(image='alpine:3', command=['sh','-c','echo "$0" $(date) $HOME $(HOSTNAME) $$ > "$1"', text], args=[
        '--num', num, '--model', model.path, model.uri, model.metadata['framework'], model.metadata, out.uri, out.path, note,
        dsl.ConcatPlaceholder(['a=', text, '-', num]),
        dsl.IfPresentPlaceholder(input_name='opt', then=['--opt', opt], else_=['--no-opt']),
        dsl.IfPresentPlaceholder(input_name='opt', then=dsl.ConcatPlaceholder(['x', opt])),
        dsl.ConcatPlaceholder(['pre', dsl.IfPresentPlaceholder(input_name='opt', then=opt, else_='none')]),
        f'flag={flag}', '{{$}}',
    ])
@dsl.container_component
def nothing():
    return dsl.ContainerSpec(image='hello-world')
@dsl.container_component
def onlyargs(x: str):
    return dsl.ContainerSpec(image='alpine', args=[x,'b'])
@pipe("containers")
def containers(t: str='a'):
    m=dsl.importer(artifact_uri='gs://m', artifact_class=Model, reimport=False)
    c=cont(text=t, num=3, model=m.output)
    cont(text=t, num=3, model=m.output, opt='z', flag=True)
    nothing(); onlyargs(x=c.outputs['note'])


@pipe("placeholders")
def placeholders(p: str='x'):
    show(msg=dsl.PIPELINE_JOB_NAME_PLACEHOLDER)
    show(msg=dsl.PIPELINE_JOB_ID_PLACEHOLDER)
    show(msg=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER)
    show(msg=dsl.PIPELINE_TASK_NAME_PLACEHOLDER)
    show(msg=dsl.PIPELINE_TASK_ID_PLACEHOLDER)
    show(msg=dsl.PIPELINE_ROOT_PLACEHOLDER)
    show(msg=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER)
    show(msg=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER)
    show(msg=f'{p}-{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}')
    a=gs()
    show(msg=f'{p} and {a.output}')
    show(msg=f'{p}')
    showl(x=[p,'b',a.output])
    showd(x={'k':p,'l':[a.output,1,2.5,True]})


@pipe("docs", description='First line.\n\nSecond paragraph.\n  indented', display_name='Docs!')
def docs(a: int, b: str='x', c: Optional[float]=None, d: dict={'k':[1,{'z':True}]}, e: list=[], f: bool=False):
    """Ignored?

    Args:
        a: The a.
        b: The b,
          on two lines.
    """
    gi(x=a); gs(s=b)


@dsl.component(base_image='python:3.9', packages_to_install=['pandas==2.0','numpy'], pip_index_urls=['https://a/simple','https://b/simple'])
def pk(x: str)->str:
    """Does it.

    Args:
        x: what

    Returns:
        it
    """
    return x
@dsl.component(install_kfp_package=False)
def nokfp(x: str): pass
@dsl.component(packages_to_install=['a'], use_venv=True)
def venv(x: str): pass
@dsl.component(target_image='reg/x:1', base_image='python:3.10')
def contd(x: str)->str: return x
@dsl.component(packages_to_install=['b'], pip_index_urls=['https://a'], pip_trusted_hosts=['a','b'])
def hosts(x: str): pass
@dsl.component(kfp_package_path='git+https://github.com/x/y')
def frompath(x: str): pass
@pipe("startups")
def startups():
    pk(x='a'); nokfp(x='a'); venv(x='a'); contd(x='a'); hosts(x='a'); frompath(x='a')


@pipe("after-groups")
def after_groups():
    a=gs()
    with dsl.ParallelFor([1,2]) as i: b=showi(x=i)
    c=show(msg='c').after(b)
    with dsl.If(a.output=='a'):
        d=show(msg='d').after(c)
        e=show(msg='e').after(d)
    f=show(msg='f').after(b)
    with dsl.ParallelFor([1]) as j:
        with dsl.If(j==1):
            g=show(msg='g').after(a)


@pipe("root-dir", pipeline_root='gs://bucket/root')
def root_dir(): gi()

@pipe("workspace", pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size='5Gi', kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={'storageClassName':'fast','accessModes':['ReadWriteMany'],'volumeMode':'Filesystem'}))))
def workspace():
    show(msg=dsl.WORKSPACE_PATH_PLACEHOLDER); show(msg=f'{dsl.WORKSPACE_PATH_PLACEHOLDER}/x')


@pipe("kube-all")
def kube_all(sn: str='sec', pvcn: str='p'):
    t=gi(); kubernetes.use_secret_as_env(t,'s1',{'k1':'V1','k2':'V2'}); kubernetes.use_secret_as_env(t,'s2',{'k1':'W1'},optional=True)
    t=gi(); kubernetes.use_secret_as_volume(t,'s1','/m'); kubernetes.use_secret_as_volume(t,sn,'/n',optional=True)
    t=gi(); kubernetes.use_config_map_as_env(t,'c1',{'k':'V'}); kubernetes.use_config_map_as_volume(t,'c1','/c')
    t=gi(); kubernetes.mount_pvc(t,'claim','/d'); kubernetes.mount_pvc(t,pvcn,'/e')
    t=gi(); kubernetes.add_node_selector(t,'a','b'); kubernetes.add_node_selector(t,'c','d')
    t=gi(); kubernetes.add_toleration(t,'k','Equal','v','NoSchedule'); kubernetes.add_toleration(t,'k2','Exists',effect='NoExecute',toleration_seconds=20)
    t=gi(); kubernetes.add_pod_label(t,'l','m'); kubernetes.add_pod_annotation(t,'x.y/z','w')
    t=gi(); kubernetes.set_image_pull_secrets(t,['r1','r2']); kubernetes.set_image_pull_policy(t,'Always')
    t=gi(); kubernetes.use_field_path_as_env(t,'POD','metadata.name'); kubernetes.set_timeout(t,90)
    t=gi(); kubernetes.add_ephemeral_volume(t,'v','/v',['ReadWriteOnce'],'1Gi','fast',{'a':'b'},{'c':'d'})
    t=gi(); kubernetes.empty_dir_mount(t,'e','/e','Memory','1Gi'); kubernetes.empty_dir_mount(t,'f','/f')
    t=gi(); kubernetes.add_node_affinity(t,match_expressions=[{'key':'z','operator':'In','values':['a','b']},{'key':'y','operator':'Exists'}],match_fields=[{'key':'metadata.name','operator':'NotIn','values':['n']}]); kubernetes.add_node_affinity(t,match_expressions=[{'key':'g','operator':'Gt','values':['5']}],weight=10)
    t=gi(); kubernetes.use_secret_as_env(t,sn,{'k':'V'}); kubernetes.add_node_selector_json(t,{'a':'b'}) 
    t=gi(); kubernetes.add_toleration_json(t,[{'key':'a','operator':'Exists'}])
    t=gi(); kubernetes.set_security_context(t,run_as_user=1000,run_as_group=0,run_as_non_root=True)
    t=gi(); kubernetes.use_secret_as_env(t,'s1',{'k1':'V1'}); kubernetes.use_secret_as_env(t,'s1',{'k2':'V2'})

@pipe("kube-dyn")
def kube_dyn(sel: dict={'a':'b'}, tol: list=[], names: List[str]=['a','b']):
    s=gs()
    t=gi(); kubernetes.add_node_selector_json(t,sel)
    t=gi(); kubernetes.add_toleration_json(t,tol)
    t=gi(); kubernetes.set_image_pull_secrets(t,[s.output])
    t=gi(); kubernetes.use_config_map_as_env(t,s.output,{'k':'V'})
    with dsl.ParallelFor(names) as n:
        t=gi(); kubernetes.use_secret_as_env(t,n,{'k':'V'}); kubernetes.use_secret_as_volume(t,s.output,'/s')
        with dsl.If(s.output=='a'):
            u=gi(); kubernetes.mount_pvc(u,n,'/x')

@pipe("pvcs")
def pvcs():
    p=kubernetes.CreatePVC(pvc_name_suffix='-x',access_modes=['ReadWriteOnce'],size='1Gi',storage_class_name='standard')
    t=gi(); kubernetes.mount_pvc(t,p.outputs['name'],'/d')
    with dsl.ParallelFor([1,2]) as i:
        u=gi(x=i); kubernetes.mount_pvc(u,p.outputs['name'],'/d')
    kubernetes.DeletePVC(pvc_name=p.outputs['name']).after(t,u)

@pipe("artifacts-opt")
def artifacts_opt(d: Input[Dataset]): use(data=d)

@dsl.component
def oa(d: Optional[Input[Dataset]]=None, m: Optional[Input[Model]]=None): pass
@pipe("opt-arts")
def opt_arts(d: Optional[Input[Dataset]]=None, s: Optional[str]=None):
    oa(d=d); oa(); x=mk(text='a'); oa(d=x.outputs['data'])
    gs(s=s)

@dsl.component
def metrics(m: Output[Metrics], c: Output[ClassificationMetrics], s: Output[SlicedClassificationMetrics], h: Output[HTML], d: Output[Markdown], a: Output[Artifact]): pass
@pipe("kinds")
def kinds(): metrics()


@pipe("branches-in-loops")
def branches_in_loops(ks: List[int] = [1, 2]) -> List[str]:
    with dsl.ParallelFor(ks) as k:
        with dsl.If(k == 1):
            one = gs(s="one")
        with dsl.Elif(k == 2):
            two_ = gs(s="two")
        with dsl.Else():
            other = gs(s="other")
        word = dsl.OneOf(one.output, two_.output, other.output)
        said = gs(s=word)
    showl(x=dsl.Collected(said.output))
    return dsl.Collected(said.output)


@pipe("loops-in-branches")
def loops_in_branches(go: bool = True):
    first = gl()
    with dsl.If(go == True):
        with dsl.ParallelFor(first.output, parallelism=3) as k:
            a = gi(x=k)
            with dsl.If(a.output > 1):
                show(msg="big")
        with dsl.ParallelFor(["x", "y"]) as w:
            show(msg=w)
            show(msg=f"the word {w}")


@pipe("deep-pipeline")
def deep_pipeline(items: List[Dict[str, str]] = [{"n": "a", "v": "b"}]) -> str:
    with dsl.ParallelFor(items) as item:
        show(msg=item.n)
        with dsl.If(item.v == "b"):
            show(msg=item.v)
    return gs(s="done").output


@pipe("deeper-pipeline")
def deeper_pipeline(go: bool = False) -> str:
    a = deep_pipeline()
    with dsl.If(go == True):
        b = deep_pipeline(items=[{"n": "x", "v": "y"}])
        show(msg=b.output)
    return a.output


@pipe("same-names-in-pipelines")
def same_names(x: str = "a"):
    deep_pipeline().set_display_name("first")
    deeper_pipeline(go=True).after(gs(s=x))


@dsl.component
def opts(a: Optional[str] = None, b: Optional[int] = None, c: Optional[list] = None, d: Optional[dict] = None, e: float = 1.0, f: bool = True):
    pass


@pipe("optional-parameters")
def optional_parameters(a: Optional[str] = None, b: Optional[int] = None, c: Optional[list] = None, d: Optional[dict] = None):
    opts()
    opts(a=a, b=b, c=c, d=d)
    opts(a="x", b=1, c=[1, "a"], d={"k": [1.5]}, e=2.0, f=False)


@pipe("numbers")
def numbers(big: int = 9007199254740991, small: float = 1e-7, huge: float = 1e300, minus: int = -5, zero: float = 0.0):
    showi(x=big)
    showi(x=-7)
    showf(x=small)
    showf(x=3.0)
    showf(x=-2.5e-9)
    showl(x=[1, 2.5, -3])
    showd(x={"a": {"b": [1, {"c": 2.25}]}})
    with dsl.If(minus < -1):
        show(msg="negative")


@pipe("texts")
def texts(tricky: str = 'a "b" \'c\' \\ $x ${y} {{z}} \\(w) ü 🧬'):
    show(msg='quotes " and \' and \\ and \n lines\nand more\n')
    show(msg="$(HOME) $$ {{not}} #{x}")
    show(msg="")
    show(msg=" leading and trailing ")
    gs(s=tricky)


@pipe("a-name-9")
def with_words(step: str = "a", image: int = 1, pipeline: bool = True, file: str = "f", type: str = "t", data: str = "d", after: str = "x"):
    show(msg=step)
    showi(x=image)
    showb(x=pipeline)
    show(msg=file)
    show(msg=type)
    show(msg=data)
    show(msg=after)


@dsl.component
def environment(secret: str, yield_: str = "a", by: str = "b", of: str = "c", it: str = "d", where: str = "e", none: int = 1) -> str:
    return secret


@pipe("reserved-words")
def reserved_words(by: str = "x", where: str = "y"):
    environment(secret=by, by=where, of="o", it="i", where=by, none=2)


@pipe("exit-handler-deep")
def exit_handler_deep(m: str = "hi"):
    outer = cleanup(note=m)
    with dsl.ExitHandler(outer):
        a = gs(s=m)
        with dsl.ParallelFor(["a", "b"]) as i:
            with dsl.If(a.output == "a"):
                show(msg=i)
        deep_pipeline()


@dsl.container_component
def everything(status: PipelineTaskFinalStatus, b: bool, l: list, d: dict, f: float, i: int):
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[status, "--b", b, l, d, f, f"--i={i}"])


@dsl.container_component
def with_artifacts(rows: Input[List[Dataset]], opt: Optional[Input[Model]] = None):
    return dsl.ContainerSpec(
        image="alpine",
        command=["sh", "-c"],
        args=[rows, dsl.IfPresentPlaceholder(input_name="opt", then=["--opt", opt.uri, opt.path], else_=["--none"])],
    )


@dsl.container_component
def heredoc(text: str, out: OutputPath(str), model: Output[Model]):
    return dsl.ContainerSpec(
        image="python:3.9",
        command=[
            "python3",
            "-u",
            "-c",
            "import sys\nimport os\n\ndef main():\n    print('$(x) $$ {{y}}', \"\\n\")\n\nmain()\n",
            f"a {text} b\nc\nd\ne {text}\n",
        ],
        args=["{\"json\": \"" + str(text) + "\"}", "--out=" + str(out), model.uri, model.metadata["a"]],
    )


@pipe("container-inputs")
def container_inputs(b: bool = True, l: List[int] = [1], d: Dict[str, str] = {"a": "b"}, f: float = 0.5, i: int = 3):
    last = everything(b=b, l=l, d=d, f=f, i=i)
    with dsl.ExitHandler(last):
        h = heredoc(text="x")
        with dsl.ParallelFor(["p", "q"]) as p:
            m = mk(text=p)
        with_artifacts(rows=dsl.Collected(m.outputs["data"]))
        with_artifacts(rows=dsl.Collected(m.outputs["data"]), opt=h.outputs["model"])


@dsl.component
def coin() -> str:
    return "heads"


@dsl.component
def die() -> int:
    return 1


@pipe("lucky-number")
def lucky_number(drum: bool = True, again: bool = True, trials: List[int] = [1, 2, 3]):
    with dsl.ParallelFor(trials) as trial:
        n = die()
        with dsl.If(n.output < 5000):
            kind = coin()
            gs(s=kind.output)
            with dsl.ParallelFor([1, 2]) as _:
                show(msg="lucky")
        with dsl.Elif(n.output > 5000):
            show(msg="more")
        with dsl.Else():
            show(msg="exactly")
            with dsl.If(again == True):
                with dsl.ParallelFor([1, 2]) as e:
                    showi(x=e)
        with dsl.If(trial == 3):
            show(msg="last")
        with dsl.If(drum == True):
            with dsl.If(trial == 3):
                show(msg="drum")


@pipe("fan-in")
def fan_in(words: List[str] = ["a"]) -> NamedTuple("o", [("datasets", List[Dataset]), ("words", List[str])]):
    with dsl.ParallelFor(words) as w:
        made = mk(text=w)
        said = gs(s=w)
        inner_list(data=[made.outputs["data"]]) if False else use(data=made.outputs["data"])
    joined = inner_list(data=dsl.Collected(made.outputs["data"]))
    use(data=joined.output)
    o = NamedTuple("o", [("datasets", List[Dataset]), ("words", List[str])])
    return o(dsl.Collected(made.outputs["data"]), dsl.Collected(said.output))


@pipe("formats")
def formats(project: str = "p", n: int = 3):
    a = gs(s="x")
    show(msg="gs://{}/{}/{}".format(project, a.output, n))
    show(msg=f'{{"project": "{project}", "out": "{a.output}"}}')
    with dsl.ParallelFor([{"a": "1", "b": 2}, {"a": "10", "b": 20}]) as item:
        showd(x=item)
    with dsl.ParallelFor(["1", "2"]) as item:
        show(msg=f"{project}, {item}")
        b = gs(s=item)
        show(msg=f"{b.output}\n{item}")


@dsl.component(
    task_config_passthroughs=[
        dsl.TaskConfigField.RESOURCES,
        dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True),
        dsl.TaskConfigField.KUBERNETES_TOLERATIONS,
    ]
)
def starts_others(config: dsl.TaskConfig, x: str = "a"):
    pass


@pipe("task-config")
def task_config():
    t = starts_others()
    t.set_cpu_limit("1")
    t.set_env_variable("A", "b")
    kubernetes.add_toleration(t, "k", "Exists", effect="NoSchedule")


@dsl.container_component
def plain_optional(a: str, b: Optional[str] = None, c: Optional[Input[Dataset]] = None):
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[a, b, f"--b={b}", c.uri])


@pipe("optional-in-commands")
def optional_in_commands():
    plain_optional(a="x")
    plain_optional(a="x", b="y", c=mk(text="z").outputs["data"])


@pipe("odd-values", description="  Two spaces before, and behind  \nthen\ta tab\t\n   \nlast")
def odd_values(nothing: Dict[str, List[int]] = {"": [1], "a b": []}, where: str = "x", chosen: str = "python:3.12"):
    """Args:
        where: Where it is said, with spaces behind   
            the line.
    """
    showd(x=nothing)
    show(msg=where).set_retry(0).set_env_variable("spark.executor-memory", "1g")
    anywhere(msg="x").set_container_image(chosen)
