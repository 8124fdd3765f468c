"""Names of packages that bring torch along as a dependency; knows no version and judges nothing."""

# By their metadata; the list need not be complete: who uses it claims nothing without torch's name.
TORCH_DEPENDENTS = frozenset(
    {"accelerate", "sentence-transformers", "whisperx", "ultralytics", "timm", "peft", "trl"}
    | {"pyannote-audio", "demucs", "openai-whisper", "open-clip-torch", "kornia", "lightning"}
    | {"pytorch-lightning", "torchmetrics", "bitsandbytes", "deepspeed", "easyocr", "facexlib"}
    | {"gfpgan", "basicsr", "realesrgan", "spandrel", "segment-anything", "fastai", "silero-vad"}
    | {"torchvision", "torchaudio", "xformers", "vllm", "stanza", "speechbrain", "optimum"}
    | {"tts", "coqui-tts", "flash-attn", "clip", "lpips", "docling", "unstructured", "einx"}
)
