// A Vulkan layer that keeps every compute kernel a program gives to its driver: the SPIR-V and the layout of its bindings.
//
// gcc -O1 -Wall -shared -fPIC modules.c -o libmodules.so; table.py writes the manifest that a loader wants and names the folder in
// KERNELS_TO. There, for the k-th pipeline: k.spv, and k.txt with its entry point, the bytes of immediates, and a line for each
// binding (set, number, type). What is kept is what wgpu made of a kernel, with its checks, not what a translator of ours would make.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

enum { MOST = 4096 };

// What is known of each object, by its handle.
struct module { VkShaderModule handle; uint32_t *code; size_t bytes; };
struct bindings { VkDescriptorSetLayout handle; VkDescriptorSetLayoutBinding *list; uint32_t count; };
struct layout { VkPipelineLayout handle; VkDescriptorSetLayout *sets; uint32_t count, immediates; };

static struct module modules[MOST];
static struct bindings bindings[MOST];
static struct layout layouts[MOST];
static unsigned module_count, bindings_count, layout_count, pipeline_count;

static PFN_vkGetInstanceProcAddr next_instance;
static PFN_vkGetDeviceProcAddr next_device;
static VkInstance instance;

static void *copy(const void *from, size_t bytes) {
    void *to = malloc(bytes ? bytes : 1);
    if (!to) abort();
    return bytes ? memcpy(to, from, bytes) : to;
}

// The next free place; a program with more objects than there are places is not one that this was written for.
static unsigned place(unsigned *count) {
    if (*count == MOST) { fprintf(stderr, "modules: more than %d objects\n", MOST); abort(); }
    return (*count)++;
}

#define NEXT(device, name) ((PFN_##name)next_device(device, #name))

static VkResult create_module(VkDevice device, const VkShaderModuleCreateInfo *info, const VkAllocationCallbacks *a, VkShaderModule *out) {
    VkResult result = NEXT(device, vkCreateShaderModule)(device, info, a, out);
    if (!result) modules[place(&module_count)] = (struct module){*out, copy(info->pCode, info->codeSize), info->codeSize};
    return result;
}

static VkResult create_bindings(VkDevice device, const VkDescriptorSetLayoutCreateInfo *info, const VkAllocationCallbacks *a, VkDescriptorSetLayout *out) {
    VkResult result = NEXT(device, vkCreateDescriptorSetLayout)(device, info, a, out);
    size_t bytes = info->bindingCount * sizeof *info->pBindings;
    if (!result) bindings[place(&bindings_count)] = (struct bindings){*out, copy(info->pBindings, bytes), info->bindingCount};
    return result;
}

static VkResult create_layout(VkDevice device, const VkPipelineLayoutCreateInfo *info, const VkAllocationCallbacks *a, VkPipelineLayout *out) {
    VkResult result = NEXT(device, vkCreatePipelineLayout)(device, info, a, out);
    uint32_t immediates = 0;
    for (uint32_t k = 0; k < info->pushConstantRangeCount; k++) {
        uint32_t end = info->pPushConstantRanges[k].offset + info->pPushConstantRanges[k].size;
        if (end > immediates) immediates = end;
    }
    size_t bytes = info->setLayoutCount * sizeof *info->pSetLayouts;
    if (!result) layouts[place(&layout_count)] = (struct layout){*out, copy(info->pSetLayouts, bytes), info->setLayoutCount, immediates};
    return result;
}

// A handle may be given again once its object is gone: the last one with it counts.
static const struct module *module_of(VkShaderModule handle) {
    for (unsigned k = module_count; k--;) if (modules[k].handle == handle) return &modules[k];
    return 0;
}

static void write_bindings(FILE *out, uint32_t set, VkDescriptorSetLayout handle) {
    for (unsigned k = bindings_count; k--;) {
        if (bindings[k].handle != handle) continue;
        for (uint32_t b = 0; b < bindings[k].count; b++)
            fprintf(out, "binding %u %u %u\n", set, bindings[k].list[b].binding, bindings[k].list[b].descriptorType);
        return;
    }
}

static FILE *opened(const char *folder, const char *ending) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%03u.%s", folder, pipeline_count, ending);
    FILE *file = fopen(path, "wb");
    if (!file) { perror(path); abort(); }
    return file;
}

static void keep(const VkComputePipelineCreateInfo *info) {
    const char *folder = getenv("KERNELS_TO");
    const struct module *module = module_of(info->stage.module);
    if (!folder || !module) { fprintf(stderr, "modules: no folder in KERNELS_TO, or a module made elsewhere\n"); abort(); }
    FILE *code = opened(folder, "spv"), *text = opened(folder, "txt");
    fwrite(module->code, 1, module->bytes, code);
    fprintf(text, "entry %s\n", info->stage.pName);
    for (unsigned k = layout_count; k--;) {
        if (layouts[k].handle != info->layout) continue;
        fprintf(text, "immediates %u\n", layouts[k].immediates);
        for (uint32_t set = 0; set < layouts[k].count; set++) write_bindings(text, set, layouts[k].sets[set]);
        break;
    }
    if (fclose(code) | fclose(text)) abort();
    pipeline_count++;
}

static VkResult create_pipelines(VkDevice device, VkPipelineCache cache, uint32_t count, const VkComputePipelineCreateInfo *infos, const VkAllocationCallbacks *a, VkPipeline *out) {
    for (uint32_t k = 0; k < count; k++) keep(&infos[k]);
    return NEXT(device, vkCreateComputePipelines)(device, cache, count, infos, a, out);
}

// The link of the chain of layers that was made for this one; it is moved on for the next.
static VkLayerInstanceCreateInfo *instance_link(const VkInstanceCreateInfo *info) {
    VkLayerInstanceCreateInfo *link = (void *)info->pNext;
    while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO)) link = (void *)link->pNext;
    return link;
}

static VkLayerDeviceCreateInfo *device_link(const VkDeviceCreateInfo *info) {
    VkLayerDeviceCreateInfo *link = (void *)info->pNext;
    while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO)) link = (void *)link->pNext;
    return link;
}

static VkResult create_instance(const VkInstanceCreateInfo *info, const VkAllocationCallbacks *a, VkInstance *out) {
    VkLayerInstanceCreateInfo *link = instance_link(info);
    if (!link) return VK_ERROR_INITIALIZATION_FAILED;
    next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    VkResult result = ((PFN_vkCreateInstance)next_instance(0, "vkCreateInstance"))(info, a, out);
    if (!result) instance = *out;
    return result;
}

static VkResult create_device(VkPhysicalDevice adapter, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *a, VkDevice *out) {
    VkLayerDeviceCreateInfo *link = device_link(info);
    if (!link) return VK_ERROR_INITIALIZATION_FAILED;
    next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    PFN_vkGetInstanceProcAddr next = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    return ((PFN_vkCreateDevice)next(instance, "vkCreateDevice"))(adapter, info, a, out);
}

static PFN_vkVoidFunction ours(const char *name) {
    static const struct { const char *name; PFN_vkVoidFunction function; } list[] = {
        {"vkCreateInstance", (PFN_vkVoidFunction)create_instance},
        {"vkCreateDevice", (PFN_vkVoidFunction)create_device},
        {"vkCreateShaderModule", (PFN_vkVoidFunction)create_module},
        {"vkCreateDescriptorSetLayout", (PFN_vkVoidFunction)create_bindings},
        {"vkCreatePipelineLayout", (PFN_vkVoidFunction)create_layout},
        {"vkCreateComputePipelines", (PFN_vkVoidFunction)create_pipelines},
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) if (!strcmp(list[k].name, name)) return list[k].function;
    return 0;
}

VK_LAYER_EXPORT PFN_vkVoidFunction vkGetDeviceProcAddr(VkDevice device, const char *name) {
    if (!strcmp(name, "vkGetDeviceProcAddr")) return (PFN_vkVoidFunction)vkGetDeviceProcAddr;
    PFN_vkVoidFunction function = ours(name);
    return function ? function : next_device(device, name);
}

VK_LAYER_EXPORT PFN_vkVoidFunction vkGetInstanceProcAddr(VkInstance of, const char *name) {
    if (!strcmp(name, "vkGetInstanceProcAddr")) return (PFN_vkVoidFunction)vkGetInstanceProcAddr;
    if (!strcmp(name, "vkGetDeviceProcAddr")) return (PFN_vkVoidFunction)vkGetDeviceProcAddr;
    PFN_vkVoidFunction function = ours(name);
    return function || !next_instance ? function : next_instance(of, name);
}
