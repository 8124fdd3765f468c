"""Names of packages that belong to torch, or bring it along; knows no version, judges nothing."""

COMPANIONS = ("torchvision", "torchaudio", "torchtext")
"""Each release is built for one torch."""
FAMILY = ("torch", *COMPANIONS)
DEPENDENTS = ("xformers", "vllm")
"""pip takes a release with one torch only, though beside another one it may be imported."""
PINNERS = (*COMPANIONS, *DEPENDENTS)
"""Their metadata pins one torch, so that installing them may swap it."""

# By their metadata; the list need not be complete: who uses it claims nothing without torch's name.
TORCH_DEPENDENTS = frozenset(PINNERS) | frozenset(
    {"accelerate", "sentence-transformers", "whisperx", "ultralytics", "timm", "peft", "trl"}
    | {"pyannote-audio", "demucs", "openai-whisper", "open-clip-torch", "kornia", "lightning"}
    | {"pytorch-lightning", "torchmetrics", "bitsandbytes", "deepspeed", "easyocr", "facexlib"}
    | {"gfpgan", "basicsr", "realesrgan", "spandrel", "segment-anything", "fastai", "silero-vad"}
    | {"stanza", "speechbrain", "optimum"}
    | {"tts", "coqui-tts", "flash-attn", "clip", "lpips", "docling", "unstructured", "einx"}
)
