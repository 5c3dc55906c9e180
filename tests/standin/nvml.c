/* A stand-in for libnvidia-ml.so.1: cards, processes and faults as a file says that tests and this library both map.
 *
 * It answers the calls that bot/adapters/nvml*.py makes through the real nvidia-ml-py, counts them, and fails or hangs
 * where it is told to. Layouts of the public structs are those of nvml.h; `struct state` is mirrored in nvml.py.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, TIMEOUT = 10 };
enum { MAX_CARDS = 16, MAX_PROCESSES = 32, MAX_CALLS = 32, MAX_EVENTS = 16, MAX_SLICES = 7 };

#define CALLS(X) \
    X(InitWithFlags) X(Shutdown) X(DeviceGetCount_v2) X(DeviceGetHandleByIndex_v2) X(DeviceGetUUID) X(DeviceGetName) \
    X(DeviceGetIndex) X(DeviceGetPciInfo_v3) X(DeviceGetMemoryInfo) X(DeviceGetMemoryInfo_v2) \
    X(DeviceGetUtilizationRates) X(DeviceGetTemperature) X(DeviceGetPowerUsage) \
    X(DeviceGetCurrentClocksEventReasons) X(DeviceGetCurrentClocksThrottleReasons) X(DeviceGetTotalEccErrors) \
    X(DeviceGetMigMode) X(DeviceGetComputeRunningProcesses_v3) X(DeviceGetGraphicsRunningProcesses_v3) \
    X(DeviceGetMPSComputeRunningProcesses_v3) X(DeviceGetProcessUtilization) X(DeviceGetProcessesUtilizationInfo) \
    X(EventSetCreate) X(DeviceRegisterEvents) X(EventSetWait_v2) X(EventSetFree) \
    X(DeviceGetMaxMigDeviceCount) X(DeviceGetMigDeviceHandleByIndex)

#define AS_ENUM(name) CALL_##name,
enum { CALLS(AS_ENUM) CALL_COUNT };
#define AS_STRING(name) "nvml" #name,
static const char *const call_names[] = { CALLS(AS_STRING) NULL };

struct process {
    uint32_t pid, kind, instance, sm_percent; /* kind: 0 compute, 1 graphics, 2 MPS; sm above 100: no sample */
    uint64_t memory, sampled_at;
};

struct slice { uint64_t total, used; }; /* a MIG instance; total 0: there is none of that number */

struct card {
    char uuid[96], name[96], bus[32];
    uint64_t total, used, reserved, throttle, ecc;
    uint32_t index, load, temperature, milliwatts, mig, process_count; /* mig: 2 = not supported */
    uint64_t awaited; /* kinds of events */
    struct slice slices[MAX_SLICES];
    int32_t fault[MAX_CALLS]; /* what the call answers instead; -1: it hangs until that is taken away */
    struct process processes[MAX_PROCESSES];
};

struct event { uint32_t card, code; };

struct state {
    int32_t initialised, library_fault;
    uint32_t count;
    int32_t fault[MAX_CALLS];
    uint64_t calls[MAX_CALLS];
    uint32_t sets, waiting, misuses, hung; /* misuses: shut down, or a set freed, under a wait; where the real one crashes */
    uint32_t events_posted, events_taken;
    struct event events[MAX_EVENTS];
    struct card cards[MAX_CARDS];
};

static struct state *state;

const char *standin_call_name(int call) { return call < CALL_COUNT ? call_names[call] : NULL; }
size_t standin_state_size(void) { return sizeof(struct state); }

int standin_map(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return -1;
    void *memory = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) return -1;
    state = memory;
    return 0;
}

__attribute__((constructor)) static void map_from_environment(void) {
    const char *path = getenv("STANDIN_NVML_STATE");
    if (path) standin_map(path);
}

static int answer(volatile int32_t *fault) {
    while (*fault == -1) usleep(500);
    return *fault;
}

static int enter(int call, struct card *card) {
    if (!state) return UNINITIALIZED;
    __atomic_fetch_add(&state->calls[call], 1, __ATOMIC_RELAXED);
    if (state->library_fault) return state->library_fault;
    if (call != CALL_InitWithFlags && !state->initialised) return UNINITIALIZED;
    int fault = answer(&state->fault[call]);
    return fault || !card ? fault : answer(&card->fault[call]);
}

#define ENTER(name) do { int fault = enter(CALL_##name, NULL); if (fault) return fault; } while (0)
#define ENTER_CARD(name, card) do { \
        if (!(card)) { fprintf(stderr, "NULL handle given to nvml" #name "\n"); abort(); } \
        int fault = enter(CALL_##name, card); if (fault) return fault; } while (0)

const char *nvmlErrorString(int error) {
    switch (error) {
    case 3: return "Not Supported";
    case 9: return "Driver Not Loaded";
    case 15: return "GPU is lost";
    case 18: return "Driver/library version mismatch";
    default: return "Some other error";
    }
}

int nvmlInitWithFlags(unsigned flags) { (void)flags; ENTER(InitWithFlags); state->initialised += 1; return OK; }
int nvmlShutdown(void) { ENTER(Shutdown); state->misuses += state->waiting; state->initialised -= 1; return OK; }
int nvmlDeviceGetCount_v2(unsigned *count) { ENTER(DeviceGetCount_v2); *count = state->count; return OK; }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct card **card) {
    *card = NULL;
    ENTER(DeviceGetHandleByIndex_v2);
    if (index >= state->count) return INVALID_ARGUMENT;
    int fault = answer(&state->cards[index].fault[CALL_DeviceGetHandleByIndex_v2]);
    if (!fault) *card = &state->cards[index];
    return fault;
}

int nvmlDeviceGetUUID(struct card *card, char *text, unsigned size) {
    ENTER_CARD(DeviceGetUUID, card); snprintf(text, size, "%s", card->uuid); return OK;
}
int nvmlDeviceGetName(struct card *card, char *text, unsigned size) {
    ENTER_CARD(DeviceGetName, card); snprintf(text, size, "%s", card->name); return OK;
}
int nvmlDeviceGetIndex(struct card *card, unsigned *index) {
    ENTER_CARD(DeviceGetIndex, card); *index = card->index; return OK;
}

struct pci { char legacy[16]; unsigned domain, bus, device, device_id, subsystem_id; char bus_id[32]; };
int nvmlDeviceGetPciInfo_v3(struct card *card, struct pci *pci) {
    ENTER_CARD(DeviceGetPciInfo_v3, card);
    memset(pci, 0, sizeof *pci);
    memcpy(pci->bus_id, card->bus, sizeof pci->bus_id);
    return OK;
}

static struct slice *as_slice(void *handle) {
    for (unsigned i = 0; state && i < state->count; i++) {
        struct slice *slices = state->cards[i].slices;
        if ((char *)handle >= (char *)slices && (char *)handle < (char *)(slices + MAX_SLICES)) return handle;
    }
    return NULL;
}
int nvmlDeviceGetMaxMigDeviceCount(struct card *card, unsigned *count) {
    ENTER_CARD(DeviceGetMaxMigDeviceCount, card); *count = card->mig == 1 ? MAX_SLICES : 0; return OK;
}
int nvmlDeviceGetMigDeviceHandleByIndex(struct card *card, unsigned index, struct slice **slice) {
    ENTER_CARD(DeviceGetMigDeviceHandleByIndex, card);
    if (index >= MAX_SLICES || !card->slices[index].total) return NOT_FOUND;
    *slice = &card->slices[index];
    return OK;
}

struct memory { unsigned long long total, free, used; };
int nvmlDeviceGetMemoryInfo(struct card *card, struct memory *memory) {
    ENTER_CARD(DeviceGetMemoryInfo, card); /* the first version counts what is reserved as used */
    *memory = (struct memory){ card->total, card->total - card->used - card->reserved, card->used + card->reserved };
    return OK;
}
struct memory_v2 { unsigned version; unsigned long long total, reserved, free, used; };
int nvmlDeviceGetMemoryInfo_v2(struct card *card, struct memory_v2 *memory) {
    struct slice *slice = as_slice(card);
    if (slice) {
        ENTER(DeviceGetMemoryInfo_v2);
        if (!slice->total) return INVALID_ARGUMENT;
        memory->total = slice->total; memory->used = slice->used; memory->reserved = 0;
        memory->free = slice->total - slice->used;
        return OK;
    }
    ENTER_CARD(DeviceGetMemoryInfo_v2, card);
    memory->total = card->total; memory->reserved = card->reserved; memory->used = card->used;
    memory->free = card->total - card->used - card->reserved;
    return OK;
}

struct rates { unsigned gpu, memory; };
int nvmlDeviceGetUtilizationRates(struct card *card, struct rates *rates) {
    ENTER_CARD(DeviceGetUtilizationRates, card);
    if (card->mig == 1) return NOT_SUPPORTED;
    *rates = (struct rates){ card->load, 0 };
    return OK;
}
int nvmlDeviceGetTemperature(struct card *card, int sensor, unsigned *celsius) {
    (void)sensor; ENTER_CARD(DeviceGetTemperature, card); *celsius = card->temperature; return OK;
}
int nvmlDeviceGetPowerUsage(struct card *card, unsigned *milliwatts) {
    ENTER_CARD(DeviceGetPowerUsage, card); *milliwatts = card->milliwatts; return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(struct card *card, unsigned long long *bits) {
    ENTER_CARD(DeviceGetCurrentClocksEventReasons, card); *bits = card->throttle; return OK;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(struct card *card, unsigned long long *bits) {
    ENTER_CARD(DeviceGetCurrentClocksThrottleReasons, card); *bits = card->throttle; return OK;
}
int nvmlDeviceGetTotalEccErrors(struct card *card, int kind, int counter, unsigned long long *errors) {
    (void)kind; (void)counter; ENTER_CARD(DeviceGetTotalEccErrors, card); *errors = card->ecc; return OK;
}
int nvmlDeviceGetMigMode(struct card *card, unsigned *current, unsigned *pending) {
    ENTER_CARD(DeviceGetMigMode, card);
    if (card->mig > 1) return NOT_SUPPORTED;
    *current = *pending = card->mig;
    return OK;
}

struct info { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; };
static int list(struct card *card, unsigned kind, unsigned *size, struct info *infos) {
    unsigned room = *size, found = 0;
    for (unsigned i = 0; i < card->process_count; i++) {
        struct process *p = &card->processes[i];
        if (p->kind != kind) continue;
        if (infos && found < room) infos[found] = (struct info){ p->pid, p->memory, p->instance, p->instance };
        found += 1;
    }
    *size = found;
    return found > room ? INSUFFICIENT_SIZE : OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(struct card *card, unsigned *size, struct info *infos) {
    ENTER_CARD(DeviceGetComputeRunningProcesses_v3, card); return list(card, 0, size, infos);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(struct card *card, unsigned *size, struct info *infos) {
    ENTER_CARD(DeviceGetGraphicsRunningProcesses_v3, card); return list(card, 1, size, infos);
}
int nvmlDeviceGetMPSComputeRunningProcesses_v3(struct card *card, unsigned *size, struct info *infos) {
    ENTER_CARD(DeviceGetMPSComputeRunningProcesses_v3, card); return list(card, 2, size, infos);
}

struct sample { unsigned pid; unsigned long long at; unsigned sm, memory, encoder, decoder; };
int nvmlDeviceGetProcessUtilization(struct card *card, struct sample *samples, unsigned *size, unsigned long long since) {
    ENTER_CARD(DeviceGetProcessUtilization, card);
    unsigned room = samples ? *size : 0, found = 0;
    for (unsigned i = 0; i < card->process_count; i++) {
        struct process *p = &card->processes[i];
        if (p->sm_percent > 100 || p->sampled_at <= since) continue;
        if (found < room) samples[found] = (struct sample){ p->pid, p->sampled_at, p->sm_percent, 0, 0, 0 };
        found += 1;
    }
    *size = found;
    return found == 0 ? NOT_FOUND : found > room ? INSUFFICIENT_SIZE : OK;
}

struct sample_v1 { unsigned long long at; unsigned pid, sm, memory, encoder, decoder, jpeg, ofa; };
struct samples_v1 { unsigned version, count; unsigned long long since; struct sample_v1 *samples; };
int nvmlDeviceGetProcessesUtilizationInfo(struct card *card, struct samples_v1 *wanted) {
    ENTER_CARD(DeviceGetProcessesUtilizationInfo, card);
    unsigned room = wanted->samples ? wanted->count : 0, found = 0;
    for (unsigned i = 0; i < card->process_count; i++) {
        struct process *p = &card->processes[i];
        if (p->sm_percent > 100 || p->sampled_at <= wanted->since) continue;
        if (found < room) wanted->samples[found] = (struct sample_v1){ p->sampled_at, p->pid, p->sm_percent, 0, 0, 0, 0, 0 };
        found += 1;
    }
    wanted->count = found;
    return found == 0 ? NOT_FOUND : found > room ? INSUFFICIENT_SIZE : OK;
}

enum { XID_CRITICAL_ERROR = 8 };
int nvmlEventSetCreate(struct state **set) { ENTER(EventSetCreate); *set = state; state->sets += 1; return OK; }
int nvmlEventSetFree(struct state *set) {
    (void)set; ENTER(EventSetFree); state->misuses += state->waiting; state->sets -= 1; return OK;
}
int nvmlDeviceRegisterEvents(struct card *card, unsigned long long kinds, struct state *set) {
    (void)set; ENTER_CARD(DeviceRegisterEvents, card); card->awaited = kinds; return OK;
}

struct event_data { struct card *card; unsigned long long kind, data; unsigned gpu_instance, compute_instance; };
static int wait_for_event(struct event_data *data, unsigned milliseconds) {
    ENTER(EventSetWait_v2);
    for (unsigned waited = 0; ; waited++) {
        if (state->library_fault || !state->initialised) return UNINITIALIZED;
        while (state->events_taken != *(volatile uint32_t *)&state->events_posted) {
            struct event *event = &state->events[state->events_taken++ % MAX_EVENTS];
            struct card *card = &state->cards[event->card];
            if (!(card->awaited & XID_CRITICAL_ERROR)) continue;
            *data = (struct event_data){ card, XID_CRITICAL_ERROR, event->code, -1, -1 };
            return OK;
        }
        if (waited >= milliseconds) return TIMEOUT;
        usleep(1000);
    }
}
int nvmlEventSetWait_v2(struct state *set, struct event_data *data, unsigned milliseconds) {
    (void)set;
    if (!state) return UNINITIALIZED;
    struct state *here = state;
    __atomic_fetch_add(&here->waiting, 1, __ATOMIC_SEQ_CST);
    here->hung = here->fault[CALL_EventSetWait_v2] == -1;
    int result = wait_for_event(data, milliseconds);
    __atomic_fetch_sub(&here->waiting, 1, __ATOMIC_SEQ_CST);
    return result;
}
