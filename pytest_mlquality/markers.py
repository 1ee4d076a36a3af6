"""The markers, each with its meaning: what makes a test an ML test, and what says more about one."""

CONCERN_MARKERS = {
    "ml_schema": "the data are what people agreed they are: columns, types, missing values",
    "ml_skew": "serving data look like training data",
    "ml_performance": "the model predicts well enough, with honest intervals",
    "ml_fairness": "no group of people is treated worse",
    "ml_explanation": "the model uses the features that people expect it to use",
    "ml_robustness": "small changes of the input do not change the answer",
    "ml_latency": "the model answers within its time budget; runs with the machine to itself",
    "ml_serving": "the endpoint answers as the model does",
    "ml_reproducibility": "retraining gives nearly the same model",
    "ml_lineage": "the model traces to its code, parameters and data",
    "ml_pipeline": "the pipeline that makes the model holds together",
    "ml_monitoring": "the model in production is still fine",
}
OTHER_MARKERS = {
    "ml_stage(*stages)": "run this ML test only in these stages: ci, predeploy, nightly",
    "ml_subject(name)": "which subject this ML test judges, where several gate files stand at one height",
    "ml_quality": "every ML test carries it: select with -m ml_quality, leave out with -m 'not ml_quality'",
}
