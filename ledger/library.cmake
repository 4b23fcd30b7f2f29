# SPDX-License-Identifier: Apache-2.0
# The library as others use it: libmledger, shared and static, with its headers, pkg-config file and
# CMake package. It holds ledger/ and verify/, and shows what is marked MLEDGER_API.
include(CMakePackageConfigHelpers)

set(library_objects)
foreach(layer ml_proto ml_core ml_store ml_query ml_api ml_verify_core ml_verify)
  if(TARGET ${layer})
    list(APPEND library_objects $<TARGET_OBJECTS:${layer}>)
  endif()
endforeach()
set(library_needs PkgConfig::LMDB PkgConfig::SODIUM PkgConfig::PROTOBUF_C PkgConfig::JANSSON
  PkgConfig::CRYPTO PkgConfig::ZSTD Threads::Threads)

foreach(kind SHARED STATIC)
  string(TOLOWER ${kind} lower)
  set(target mledger_${lower})
  add_library(${target} ${kind} ${library_objects})
  target_link_libraries(${target} PRIVATE ${library_needs})
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME mledger LINKER_LANGUAGE C)
  install(TARGETS ${target} EXPORT mledger-${lower} COMPONENT library
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT mledger-${lower} NAMESPACE mledger:: COMPONENT library
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mledger)
endforeach()
# Before 1.0 every minor version may change the interface.
set_target_properties(mledger_shared PROPERTIES EXPORT_NAME mledger VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set_target_properties(mledger_static PROPERTIES EXPORT_NAME mledger_static)
# It keeps threads of its own, whose code must not be unmapped under them by dlclose().
target_link_options(mledger_shared PRIVATE LINKER:-z,nodelete)
if(MLEDGER_SANITIZE)
  target_link_options(mledger_shared PRIVATE -fsanitize=${MLEDGER_SANITIZE})
else()
  target_link_options(mledger_shared PRIVATE LINKER:-z,defs)
endif()

install(DIRECTORY ledger/include/mledger verify/include/mledger COMPONENT library
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# Both find what was installed from where they lie, so that it can be moved.
file(RELATIVE_PATH MLEDGER_PC_PREFIX
  /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(ledger/mledger.pc.in mledger.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mledger.pc COMPONENT library
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
configure_package_config_file(ledger/mledger-config.cmake.in mledger-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mledger
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mledger-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mledger-config.cmake
  ${PROJECT_BINARY_DIR}/mledger-config-version.cmake COMPONENT library
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mledger)
