import { type CatalogueRow, isTraining } from '../row.js';

/** Memory, disk, shared memory, processors. The outcomes are facts of the engine or numbers of signals. */
export const RESOURCE_ROWS: readonly CatalogueRow[] = [
  {
    id: 'T28',
    class: 'shared-memory-too-small',
    where: 'training log',
    pattern:
      /Bus error.{0,200}shared memory|unable to (?:open shared memory object|write to file) <\/torch_|out of shared memory|No space left on device:? .{0,20}\/dev\/shm|unable to allocate shared memory\(shm\)/,
    outcome: (failure) => failure.exitCode === 135,
    cause:
      'Worker processes exchange data through /dev/shm, and it is full. SageMaker has no setting for its size.',
    fix: 'Use `num_workers=0`, or `torch.multiprocessing.set_sharing_strategy("file_system")`, or smaller batches.',
    specific: (groups) =>
      groups.length > 0
        ? {}
        : {
            cause:
              'The program was ended by SIGBUS (exit code 135). In a container that is usually a full /dev/shm, for whose size SageMaker has no setting.',
          },
    source: '[obs] sdk#5592, sdk#937; pytorch-training-toolkit#117',
  },
  {
    id: 'T35',
    class: 'disk-full',
    where: 'training log',
    pattern: /No space left on device|ENOSPC|Disk quota exceeded/,
    cause: 'The disk is full: input data, /tmp and the model share one volume.',
    fix: 'Write less, delete old checkpoints, or read the data as a stream (`input-mode: FastFile`); on SageMaker the volume’s size can be raised. In the smoke test use a smaller sample.',
    onPlatform: {
      fix: 'Raise `volume-size` (types with NVMe disks have a fixed size), delete old checkpoints, or read the data as a stream (`input-mode: FastFile`).',
    },
    source: '[obs] training-toolkit#204',
  },
  {
    id: 'T29',
    class: 'gpu-out-of-memory',
    where: 'training log',
    pattern:
      /CUDA out of memory|CUDA error: out of memory|OOM when allocating tensor|CUDNN_STATUS_ALLOC_FAILED/,
    cause: 'The memory of the GPU is used up.',
    fix: 'Use a smaller batch, gradient accumulation or bf16, or an instance type with a larger GPU.',
    source: '[inf] message of PyTorch and TensorFlow',
  },
  {
    id: 'E12',
    class: 'cuda-driver-too-old',
    where: 'endpoint log',
    pattern: /unsatisfied condition: cuda\s{0,4}>=\s{0,4}([\d.]+)/,
    cause: 'The image asks for a newer NVIDIA driver than the host has.',
    fix: 'Use a base image with an older CUDA; for an endpoint choose a newer `InferenceAmiVersion`. `NVIDIA_DISABLE_REQUIRE=1` in the environment switches the requirement off, which works across CUDA’s minor versions only.',
    specific: (groups) => ({
      cause: `The image asks for a driver of CUDA ${groups[1] ?? ''} or newer (\`NVIDIA_REQUIRE_CUDA\`), and the host’s is older.`,
    }),
    source: '[doc] model: InferenceAmiVersion; [obs] no log group is created',
  },
  {
    id: 'P13',
    class: 'gpu-missing',
    where: 'container log',
    pattern:
      /Found no NVIDIA driver on your system|Torch not compiled with CUDA enabled|no CUDA-capable device is detected|CUDA driver version is insufficient|No CUDA GPUs are available|deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False|CUDA error: (?:no device|invalid device ordinal)|HIP error: no ROCm-capable device/,
    cause: 'The program asks for a GPU, and the machine that runs it has none that the image can use.',
    fix: 'Choose the device at run time (`"cuda" if torch.cuda.is_available() else "cpu"`) and load models with `map_location`; then the smoke test runs on an ordinary runner. To test on a GPU, use a runner that has one.',
    onPlatform: {
      fix: 'Choose an `instance-type` with a GPU (ml.g… or ml.p…) and a base image whose CUDA its driver supports, or choose the device at run time (`"cuda" if torch.cuda.is_available() else "cpu"`).',
    },
    source: '[inf] messages of PyTorch and CUDA',
  },
  {
    id: 'T42',
    class: 'nvidia-driver-in-image',
    where: 'training log',
    pattern: /libnvidia-ml\.so|could not select device driver|libcuda\.so\.1: cannot open shared object/,
    cause:
      'The NVIDIA driver is not where the image expects it: the image needs a GPU and the machine has none, or the image brings a driver of its own, which the host’s must not meet.',
    fix: 'Remove drivers from the image (CUDA’s user-mode libraries only; SageMaker brings the driver), and let the program run without a GPU for the smoke test.',
    onPlatform: {
      fix: 'Remove drivers from the image (CUDA’s user-mode libraries only; SageMaker brings the driver), and choose an `instance-type` with a GPU.',
    },
    source: '[doc] your-algorithms-training-algo-dockerfile.md',
  },
  {
    id: 'T09',
    class: 'out-of-memory',
    where: 'training FailureReason',
    pattern:
      /Please use an instance type with more memory|(?:^|\s)(?:MemoryError\b|(?:numpy\.\S{1,40}\.)?_?ArrayMemoryError)|Cannot allocate memory|std::bad_alloc|JavaScript heap out of memory|java\.lang\.OutOfMemoryError|OutOfMemory: Process killed/,
    outcome: (failure) => failure.oomKilled === true,
    cause: 'The memory of the machine, or the container’s memory limit, is used up (not a GPU’s).',
    fix: 'Use smaller batches, fewer workers or data read as a stream (`input-mode: FastFile`); on SageMaker choose an instance type with more memory, in the smoke test a smaller sample or a higher memory limit.',
    onPlatform: {
      cause: 'The memory of the instance is used up (not a GPU’s).',
      fix: 'Choose an `instance-type` with more memory, or use smaller batches, fewer workers or data read as a stream (`input-mode: FastFile`).',
    },
    specific: (groups) =>
      groups.length > 0
        ? {}
        : {
            cause:
              'The kernel killed a process of the container because the memory of the machine, or the container’s memory limit, was used up.',
          },
    source: '[code] grand-challenge 4e38c78; Docker’s State.OOMKilled',
  },
  {
    id: 'P14',
    class: 'illegal-instruction',
    where: 'container log',
    pattern: /Illegal instruction|SIGILL\b/,
    outcome: (failure) => failure.exitCode === 132,
    cause:
      'A library uses instructions that this processor does not have (SIGILL): it was built for a newer or another processor, or runs under emulation.',
    fix: 'Install prebuilt wheels in place of builds with `-march=native`, and build the image on the kind of processor that it will run on.',
    source: '[inf] signal convention: 128 + 4',
  },
  {
    id: 'T05',
    class: 'segmentation-fault',
    where: 'training FailureReason',
    pattern: /Segmentation fault|SIGSEGV\b/,
    outcome: (failure) => failure.exitCode === 139,
    cause:
      'Native code crashed (SIGSEGV): often libraries whose binaries do not fit each other, the CUDA version or the processor.',
    fix: 'Reinstall native packages in the image from one source (pip or conda, not both) and pin their versions; set `PYTHONFAULTHANDLER=1` in `environment` to see the Python line that crashed.',
    source: '[inf] signal convention: 128 + 11',
  },
  {
    id: 'P15',
    class: 'aborted',
    where: 'container log',
    pattern:
      /(?:^|\s)Aborted(?: \(core dumped\)|$)|terminate called after throwing an instance of '([^']+)'|SIGABRT\b/,
    outcome: (failure) => failure.exitCode === 134,
    cause: 'Native code stopped itself (SIGABRT) after an error that it could not handle.',
    fix: 'Read the lines before: libraries print the assertion or the uncaught C++ exception there. Set `PYTHONFAULTHANDLER=1` in `environment` to see the Python line.',
    source: '[inf] signal convention: 128 + 6',
  },
  {
    id: 'P16',
    class: 'training-timed-out',
    where: 'training log',
    applies: isTraining,
    outcome: (failure) => failure.timedOut === true,
    cause: 'The training did not end in the time that the smoke test gives it, and was stopped.',
    fix: 'Make the sample run short with `smoke-hyperparameters` (one epoch) and a small `smoke-channels` sample, or raise `smoke-timeout`.',
    source: '[inf] the smoke test’s own limit',
  },
  {
    id: 'T04',
    class: 'killed',
    where: 'training FailureReason',
    pattern: /ExitCode 137\b|Process killed by SIGKILL \(signal 9\)|\bline \d+:\s+\d+ Killed\b|^Killed$/,
    outcome: (failure) => failure.exitCode === 137 && failure.timedOut !== true,
    cause:
      'The program was killed by SIGKILL (exit code 137): usually for lack of memory; on SageMaker also when a job that is being stopped does not end within 120 seconds of SIGTERM.',
    fix: 'Use smaller batches or more memory; when the job was being stopped, save a checkpoint and exit on SIGTERM.',
    source: '[code] toolkit process.py; [doc] StopTrainingJob',
  },
  {
    id: 'P17',
    class: 'terminated',
    where: 'container log',
    outcome: (failure) => failure.exitCode === 143 && failure.timedOut !== true,
    cause:
      'The program was ended by SIGTERM (exit code 143), which the smoke test had not sent for a time-out.',
    fix: 'Find who sent the signal: a supervisor or process manager in the image, or somebody who stopped the container.',
    onPlatform: {
      cause:
        'The program was ended by SIGTERM (exit code 143): the job was being stopped, or a supervisor in the image ended it.',
    },
    source: '[inf] signal convention: 128 + 15',
  },
];
